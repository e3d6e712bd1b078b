package gwapi

import (
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// filled is text with something plain in the place of each placeholder, such as
// ${HOST}. Text is judged so, and written as it is: a note on the file says that
// validity holds after substitution.
func filled(text string) string {
	for p := source.Placeholder(text); p != ""; p = source.Placeholder(text) {
		text = strings.Replace(text, p, "x", 1)
	}
	return text
}
