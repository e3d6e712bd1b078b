package triage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ReadBaseline reads what WriteBaseline wrote. Errors name the line. Entries may
// repeat, as they do after a merge of two branches: their counts add up.
func ReadBaseline(data []byte) (*File, error) {
	var head struct {
		Version *string `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, atLine(data, 0, err)
	}
	switch {
	case head.Version == nil:
		return nil, errors.New("line 1: this is no baseline: it has no version")
	case *head.Version != baselineVersion:
		return nil, fmt.Errorf("line 1: unknown version %q: want %q; write the baseline anew", *head.Version, baselineVersion)
	}
	r := reader{data: data, decoder: json.NewDecoder(bytes.NewReader(data))}
	r.decoder.DisallowUnknownFields()
	if _, err := r.decoder.Token(); err != nil { // the brace, or Unmarshal would have failed
		return nil, err
	}
	f := &File{}
	for r.decoder.More() {
		if err := r.member(f); err != nil {
			return nil, err
		}
	}
	return f, nil
}

type reader struct {
	data    []byte
	decoder *json.Decoder
}

// member reads a key of the file and its value.
func (r reader) member(f *File) error {
	start := r.next()
	key, err := r.decoder.Token()
	if err != nil {
		return atLine(r.data, 0, err)
	}
	switch key {
	case "version":
		_, err := r.decoder.Token()
		return err
	case "findings":
		start = r.next()
		open, err := r.decoder.Token()
		if err != nil || open != json.Delim('[') {
			return fmt.Errorf("line %d: findings must be a list", lineAt(r.data, start))
		}
		for r.decoder.More() {
			if err := r.entry(f); err != nil {
				return err
			}
		}
		_, err = r.decoder.Token()
		return err
	}
	return fmt.Errorf("line %d: unknown key %q", lineAt(r.data, start), key)
}

// fingerprintForm is what Finding.Fingerprint returns.
var fingerprintForm = regexp.MustCompile(`^[0-9a-f]{32}$`)

// mostOfOne bounds a count, so that sums of them do not overflow.
const mostOfOne = 1 << 30

// entry reads one element of findings.
func (r reader) entry(f *File) error {
	start := r.next()
	var e known
	if err := r.decoder.Decode(&e); err != nil {
		return atLine(r.data, start, err)
	}
	switch {
	case !fingerprintForm.MatchString(e.Fingerprint):
		return fmt.Errorf("line %d: fingerprint %q: want 32 hexadecimal digits", lineAt(r.data, start), e.Fingerprint)
	case e.Count < 1 || e.Count > mostOfOne:
		return fmt.Errorf("line %d: count %d: want a number from 1 to %d", lineAt(r.data, start), e.Count, mostOfOne)
	}
	f.entries = append(f.entries, e)
	return nil
}

// next is where the next token begins.
func (r reader) next() int {
	at := int(r.decoder.InputOffset())
	return at + len(r.data[at:]) - len(bytes.TrimLeft(r.data[at:], " \t\r\n,:"))
}

// atLine adds to err the line at which it arose; start is where the value began
// that was being read, for errors that do not say.
func atLine(data []byte, start int, err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		start = int(syntax.Offset) - 1
	case errors.As(err, &mismatch) && start == 0:
		start = int(mismatch.Offset) - 1
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if mismatch != nil {
		text = fmt.Sprintf("JSON %s does not belong here", mismatch.Value)
	}
	return fmt.Errorf("line %d: %s", lineAt(data, start), text)
}

// lineAt is the line of the byte at an offset.
func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
}
