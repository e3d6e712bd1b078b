package print

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
)

// GitHub's limits (docs.github.com, "SARIF results exceed one or more limits"):
// of a file that exceeds one, it takes nothing.
const (
	sarifResults   = 25000
	sarifGzip      = 10 << 20 // bytes
	sarifLocations = 100      // of a result, those that are shown
	sarifText1000  = 1000     // characters of a rule's description
)

func sarifLimits() string {
	return fmt.Sprintf("GitHub takes %d results and %d MB of a run", sarifResults, sarifGzip>>20)
}

const (
	sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homePage    = "https://github.com/mesh2gw/mesh2gw"
	// sourceRoot is the name by which GitHub knows the root of the repository.
	sourceRoot = "%SRCROOT%"
	// fingerprintName names our fingerprints; GitHub goes by primaryLocationLineHash,
	// which its upload-sarif action works out from the sources.
	fingerprintName = "mesh2gwFingerprint/v1"
)

// LintSARIF writes SARIF 2.1.0, at most as much of it as GitHub takes.
func LintSARIF(w io.Writer, l Lint) error {
	_, err := LintSARIFLimited(w, l)
	return err
}

// LintSARIFLimited is LintSARIF; it returns how many findings were left out.
// Notes go first, then warnings. Findings that were accepted are no part of it:
// GitHub opens an alert for a result whatever its suppressions say
// (github/codeql-action, issue 1230).
func LintSARIFLimited(w io.Writer, l Lint) (leftOut int, err error) {
	data, leftOut, err := sarifWithin(l, sarifResults, sarifGzip)
	if err != nil {
		return 0, err
	}
	_, err = w.Write(data)
	return leftOut, err
}

// sarifWithin prints as many findings as there is room for.
func sarifWithin(l Lint, results, size int) (data []byte, leftOut int, err error) {
	for keep := min(results, len(l.Findings)); ; {
		var b bytes.Buffer
		if err := writeInertJSON(&b, l.sarif(worst(l.Findings, keep))); err != nil {
			return nil, 0, err
		}
		packed, err := gzipped(b.Bytes())
		if err != nil {
			return nil, 0, err
		}
		if packed <= size || keep == 0 {
			return b.Bytes(), len(l.Findings) - keep, nil
		}
		keep = min(keep-1, keep*size/packed*9/10)
	}
}

// gzipped is the size of data when it is packed.
func gzipped(data []byte) (int, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		return 0, err
	}
	err := z.Close()
	return b.Len(), err
}

// worst picks n findings, the severest, and leaves them in their order.
func worst(all []finding.Finding, n int) []finding.Finding {
	if len(all) <= n {
		return all
	}
	var room [finding.Error + 1]int
	for s := finding.Error; s >= finding.Note; s-- {
		of := 0
		for _, f := range all {
			if f.Rule.Severity == s {
				of++
			}
		}
		room[s] = min(of, n)
		n -= room[s]
	}
	var picked []finding.Finding
	for _, f := range all {
		if room[f.Rule.Severity] > 0 {
			room[f.Rule.Severity]--
			picked = append(picked, f)
		}
	}
	return picked
}

func (l Lint) sarif(findings []finding.Finding) sarifLog {
	rules, index := sarifRules(findings)
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{"mesh2gw", l.Version, homePage, rules}},
		ColumnKind: "unicodeCodePoints",
		OriginalURIBaseIDs: map[string]sarifArtifactLocation{
			sourceRoot: {Description: &sarifText{Text: "The root of the repository."}},
		},
		Invocations: []sarifInvocation{{ExecutionSuccessful: true}},
		Results:     []sarifResult{},
	}
	if n := len(l.Findings) - len(findings); n > 0 {
		run.Invocations[0].Notifications = []sarifNotification{{"warning", sarifText{
			Text: fmt.Sprintf("%s left out, those of the least severity first: %s.", count(n, "finding"), sarifLimits()),
		}}}
	}
	names := instances{}
	for _, f := range findings {
		run.Results = append(run.Results, l.sarifResult(f, index[f.Rule.ID], names.name(f)))
	}
	return sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}
}

// sarifRules are the rules of findings, ordered by id, and where each stands.
// The others would only make the file larger: GitHub lists none without results.
func sarifRules(findings []finding.Finding) (rules []sarifRule, index map[string]int) {
	used := map[string]*finding.Rule{}
	for _, f := range findings {
		if used[f.Rule.ID] == nil {
			used[f.Rule.ID] = f.Rule
		}
	}
	rules, index = []sarifRule{}, map[string]int{}
	for i, id := range slices.Sorted(maps.Keys(used)) {
		index[id] = i
		rules = append(rules, sarifRuleOf(used[id]))
	}
	return rules, index
}

func sarifRuleOf(r *finding.Rule) sarifRule {
	help, marked := r.Text, markdown(r.Text)
	if r.Hint != "" {
		help += "\n\nWhat to do: " + r.Hint
		marked += "\n\n**What to do:** " + markdown(r.Hint)
	}
	for _, link := range append(slices.Clone(r.Links), ruleLink(r)) {
		help += "\n\n" + link
		marked += "\n\n<" + link + ">"
	}
	return sarifRule{
		ID: r.ID, ShortDescription: sarifText{Text: r.Title}, FullDescription: sarifText{Text: shortened(r.Text, sarifText1000)},
		HelpURI: ruleLink(r), Help: sarifText{help, marked},
		DefaultConfiguration: sarifConfiguration{r.Severity.String()},
		Properties:           sarifProperties{[]string{string(r.InGroup())}},
	}
}

// shortened is s in at most most code points; it is no shorter than need be.
func shortened(s string, most int) string {
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return s
}

func (l Lint) sarifResult(f finding.Finding, rule int, fingerprint string) sarifResult {
	text := plainText(says(f))
	result := sarifResult{
		RuleID: f.Rule.ID, RuleIndex: rule, Level: f.Rule.Severity.String(),
		Locations:           []sarifLocation{l.sarifLocation(f.Place)},
		PartialFingerprints: map[string]string{fingerprintName: fingerprint},
	}
	for i, r := range f.Related[:min(len(f.Related), sarifLocations-1)] {
		at := l.sarifLocation(r.Place)
		at.ID = i + 1
		if r.Message != "" {
			at.Message = &sarifText{Text: plainText(r.Message)}
		}
		result.RelatedLocations = append(result.RelatedLocations, at)
		text += fmt.Sprintf(" See [%s](%d).", linkText.Replace(where(r.Place.Pos)), at.ID)
	}
	result.Message = sarifText{Text: text}
	return result
}

// In the plain text of a message, [text](target) is a link, and backslashes
// escape (SARIF 2.1.0, 3.11.6); only a location's number or an absolute URI is a
// target. Braces ought to be doubled (3.11.5), which neither GitHub nor other
// viewers undo where a message has no arguments; so they stay.
var (
	linkText   = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`)
	linkTarget = regexp.MustCompile(`\]\((\d+\)|[A-Za-z][A-Za-z0-9+.-]*:)`)
)

// plainText is s without links.
func plainText(s string) string { return linkTarget.ReplaceAllString(shown(s), `\](${1}`) }

func (l Lint) sarifLocation(at finding.Place) sarifLocation {
	location := sarifLocation{PhysicalLocation: sarifPhysicalLocation{
		ArtifactLocation: l.sarifArtifact(at.Pos.File),
		Region:           sarifRegion{StartLine: max(at.Pos.Line, 1), StartColumn: at.Pos.Column, EndColumn: l.endColumn(at)},
	}}
	if at.Object != "" {
		location.LogicalLocations = []sarifLogicalLocation{{strings.TrimSuffix(at.Object+" "+at.Field, " "), "object"}}
	}
	return location
}

// sarifArtifact names a file. What is outside of the repository, or not known to
// be inside, gets no base; GitHub takes absolute names below its checkout.
func (l Lint) sarifArtifact(name string) sarifArtifactLocation {
	file := cmp.Or(l.path(name), nowhere)
	if filepath.IsAbs(filepath.FromSlash(file)) || path.IsAbs(file) {
		u := url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(file, "/")}
		return sarifArtifactLocation{URI: u.String()}
	}
	first, rest, inside := strings.Cut((&url.URL{Path: file}).EscapedPath(), "/")
	uri := strings.ReplaceAll(first, ":", "%3A") // it would be a scheme (RFC 3986, 4.2)
	if inside {
		uri += "/" + rest
	}
	if first == ".." {
		return sarifArtifactLocation{URI: uri}
	}
	return sarifArtifactLocation{URI: uri, URIBaseID: sourceRoot}
}
