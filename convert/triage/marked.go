package triage

import (
	"bytes"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// Marked are the files that may hold a comment or annotation for Apply: whoever
// wants to let go of the others before they are converted keeps these. UTF-16 is
// not looked into.
func Marked(files []source.File) []source.File {
	return slices.DeleteFunc(slices.Clone(files), func(f source.File) bool {
		utf16 := len(f.Data) > 1 && (f.Data[0] == 0xff && f.Data[1] == 0xfe || f.Data[0] == 0xfe && f.Data[1] == 0xff)
		return !utf16 && !bytes.Contains(f.Data, []byte("mesh2gw")) && !bytes.Contains(f.Data, []byte(istioKey))
	})
}
