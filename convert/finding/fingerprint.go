package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
)

// what moves when lines are added elsewhere: the indexes of lists, and places in
// sentences.
var (
	index    = regexp.MustCompile(`\[\d+\]`)
	lineText = regexp.MustCompile(`\b(lines?) \d+|:\d+:\d+\b`)
)

// Fingerprint names f in a way that stays when the file is moved, or when lines
// and list elements are added before it: by rule, object, field without indexes
// and message without line numbers, as 32 hexadecimal digits. Findings of one
// object can share it.
func (f Finding) Fingerprint() string {
	where := f.Place.Object
	if where == "" {
		where = path.Base(f.Place.Pos.File)
	}
	h := sha256.New()
	for _, part := range []string{f.Rule.ID, where, index.ReplaceAllString(f.Place.Field, "[]"), lineText.ReplaceAllString(f.Message, "$1")} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
