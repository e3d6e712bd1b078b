package triage

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mesh2gw/mesh2gw/convert/finding"
	"github.com/mesh2gw/mesh2gw/convert/rule"
	"github.com/mesh2gw/mesh2gw/convert/source"
)

// ignore is one comment or annotation.
type ignore struct {
	by     Means
	place  finding.Place
	ids    []string // of rules that exist, each once
	reason string
	speaks func(finding.Place) bool // whether it counts there, where its scope alone does not say

	istio bool // written for istioctl analyze, which may have used for it
	void  bool // lacks the reason that the configuration asks for
	used  map[string]bool
}

// scope is where an ignore counts for a rule: a line, an object (line 0) or a
// file (both empty).
type scope struct {
	file   string
	line   int
	object string
	id     string
}

// ignores are those of the input.
type ignores struct {
	all     []*ignore
	byScope map[scope][]*ignore
	objects map[named][]int // the lines at which objects begin, in files with annotations
	known   map[string]*finding.Rule
	faults  []finding.Finding // of their text
}

// gather finds all ignores of files.
func gather(files []source.File, o Options) ignores {
	g := ignores{byScope: map[scope][]*ignore{}, known: map[string]*finding.Rule{}}
	for _, r := range rule.All() {
		g.known[r.ID] = r
	}
	for _, f := range files {
		for _, c := range source.Comments(f, commentMark) {
			g.comment(c, o)
		}
	}
	g.annotations(files, o)
	return g
}

// add files i under where it counts; scopes hold no id yet.
func (g *ignores) add(i *ignore, o Options, scopes ...scope) {
	i.used, i.void = map[string]bool{}, o.RequireReason && i.reason == ""
	g.all = append(g.all, i)
	for _, s := range scopes {
		for _, id := range i.ids {
			s.id = id
			g.byScope[s] = append(g.byScope[s], i)
		}
	}
}

// match is the ignore that accepts f: that of the line before that of the file
// and that of the object. All three have their use then.
func (g *ignores) match(f finding.Finding) *ignore {
	if len(g.all) == 0 {
		return nil
	}
	var found *ignore
	at := f.Place
	scopes := []scope{{at.Pos.File, at.Pos.Line, "", f.Rule.ID}, {at.Pos.File, 0, "", f.Rule.ID}}
	if at.Object != "" {
		scopes = append(scopes, scope{at.Pos.File, 0, g.written(at), f.Rule.ID})
	}
	for _, s := range scopes {
		for _, i := range g.byScope[s] {
			if i.speaks != nil && !i.speaks(at) {
				continue
			}
			i.used[f.Rule.ID] = true
			if found == nil && !i.void {
				found = i
			}
			break
		}
	}
	return found
}

// written is the object at a place as its file names it: of a namespace that the
// file does not name, findings may say that of the command line.
func (g *ignores) written(at finding.Place) string {
	if g.objects[named{at.Pos.File, at.Object}] == nil {
		return source.Bare(at.Object)
	}
	return at.Object
}

// complaints are the findings about ignores that can't be obeyed, or need not.
// What accepts findings of this package may do so still.
func (g *ignores) complaints(o Options) []finding.Finding {
	found := slices.Clone(g.faults)
	for _, i := range g.all {
		if i.void && (!i.istio || len(i.used) > 0) {
			found = append(found, finding.New(rule.IgnoreReason, i.place,
				"This %s accepts nothing, since it gives no reason, and the configuration asks for one.", i.by))
			continue
		}
		if idle := g.idle(i, o); len(idle) > 0 {
			found = append(found, finding.New(rule.IgnoreUnused, i.place,
				"This %s accepts nothing by %s: no such finding stands where it counts.", i.by, strings.Join(idle, ", ")))
		}
	}
	return finding.Sort(found)
}

// idle are the ids of i that were of no use, among those of the rules that were asked.
func (g *ignores) idle(i *ignore, o Options) []string {
	if i.istio || i.void {
		return nil
	}
	var idle []string
	for _, id := range i.ids {
		r := g.known[id]
		if !i.used[id] && !own(r) && (len(o.Groups) == 0 || slices.Contains(o.Groups, r.InGroup())) {
			idle = append(idle, id)
		}
	}
	return idle
}

// own tells whether r is a rule of this package.
func own(r *finding.Rule) bool {
	return slices.Contains([]*finding.Rule{rule.IgnoreUnknown, rule.IgnoreReason, rule.IgnoreUnused, rule.IgnoreMalformed}, r)
}

const commentMark = "mesh2gw:"

// directive is the word behind the mark, and whether blanks stand between them.
var directive = regexp.MustCompile(`^mesh2gw:(\s*)([A-Za-z][\w-]*)?(.*)$`)

// comment files a comment that begins with the mark. Prose may begin so too:
// "mesh2gw: converted in May".
func (g *ignores) comment(c source.Comment, o Options) {
	m := directive.FindStringSubmatch(c.Text)
	if m == nil {
		return
	}
	gap, word, rest := m[1], m[2], m[3]
	place := finding.Place{Pos: c.Pos}
	whole := word == "ignore-file"
	switch {
	case gap == "" && (whole || word == "ignore") && (rest == "" || strings.ContainsAny(rest[:1], " \t")):
	case gap == "" && word != "", strings.HasPrefix(word, "ignore"):
		g.faults = append(g.faults, finding.New(rule.IgnoreUnknown, place, "This comment accepts nothing: %q is no way to begin it.",
			strings.TrimSpace(commentMark+gap+word+firstWord(rest))).
			WithHint("Begin it with mesh2gw:ignore or mesh2gw:ignore-file, a blank, and the id of a rule."))
		return
	default:
		return
	}
	ids, reason := idsOf(rest)
	ids = g.checked(ids, place, Comment)
	i := &ignore{by: Comment, place: place, ids: ids, reason: reason}
	switch {
	case len(ids) == 0:
	case !whole:
		i.speaks = c.SpeaksOf
		g.add(i, o, scope{file: c.About.File, line: c.About.Line})
	case len(c.Heads) == 0:
		g.faults = append(g.faults, finding.New(rule.IgnoreUnused, place,
			"This comment accepts nothing: for a whole file it counts at the head only, above the first line with content.").
			WithHint("Move it to the head of the file, or write mesh2gw:ignore for one line."))
	default:
		var scopes []scope
		for _, name := range c.Heads {
			scopes = append(scopes, scope{file: name})
		}
		g.add(i, o, scopes...)
	}
}

// firstWord is text up to the first blank.
func firstWord(text string) string {
	if i := strings.IndexAny(text, " \t"); i >= 0 {
		return text[:i]
	}
	return text
}

// idsOf reads "MG123, MG140 reason".
func idsOf(text string) (ids []string, reason string) {
	text = strings.TrimSpace(text)
	for text != "" {
		end := strings.IndexAny(text, ", \t")
		if end < 0 {
			end = len(text)
		}
		if end > 0 {
			ids = append(ids, text[:end])
		}
		text = strings.TrimLeft(text[end:], " \t")
		if !strings.HasPrefix(text, ",") {
			break
		}
		text = strings.TrimLeft(text, ", \t")
	}
	return ids, strings.TrimSpace(strings.TrimLeft(text, "-:–— \t"))
}

// checked are the ids of rules that exist, each once; what is wrong with the
// others is filed.
func (g *ignores) checked(ids []string, place finding.Place, by Means) []string {
	var good []string
	for _, id := range ids {
		upper := strings.ToUpper(id)
		switch {
		case g.known[id] != nil:
			if !slices.Contains(good, id) {
				good = append(good, id)
			}
		case id == "*" || strings.EqualFold(id, "all"):
			g.faults = append(g.faults, finding.New(rule.IgnoreUnknown, place,
				"This %s accepts nothing by %q: it would accept what later versions find, before anybody has seen it.", by, id).
				WithHint("Name the rules whose findings are accepted."))
		case g.known[upper] != nil:
			g.faults = append(g.faults, finding.New(rule.IgnoreUnknown, place,
				"This %s accepts nothing by %q: ids are written in upper case.", by, id).WithHint("Write %s.", upper))
		default:
			g.faults = append(g.faults, finding.New(rule.IgnoreUnknown, place, "This %s accepts nothing by %q: no rule has this id.", by, id))
		}
	}
	if len(ids) == 0 {
		g.faults = append(g.faults, finding.New(rule.IgnoreUnknown, place, "This %s accepts nothing: it names no rule.", by))
	}
	return good
}
