package source

// File is one input before it is split.
type File struct {
	Name string // as given by the user, or "<stdin>"
	Data []byte
}
