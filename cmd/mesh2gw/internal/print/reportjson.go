package print

import (
	"io"

	"github.com/mesh2gw/mesh2gw/convert/report"
)

// ReportJSON writes the report alone; what compares two has the other forms.
func ReportJSON(w io.Writer, r *report.Report, _ *report.Comparison) error { return writeJSON(w, r) }
