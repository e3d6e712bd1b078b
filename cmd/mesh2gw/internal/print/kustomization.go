package print

import (
	"io"
	"slices"
)

// Kustomization writes a kustomization.yaml that lists the files in the order
// of their names.
func Kustomization(w io.Writer, files []string) error {
	b := []byte("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:")
	if len(files) == 0 {
		b = append(b, " []"...)
	}
	b = append(b, '\n')
	for _, name := range slices.Sorted(slices.Values(files)) {
		b = append(appendScalar(append(b, "- "...), name), '\n')
	}
	_, err := w.Write(b)
	return err
}
