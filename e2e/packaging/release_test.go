package packaging

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"go.yaml.in/yaml/v3"
)

// archives are what .goreleaser.yaml makes.
func archives(t *testing.T) []string {
	t.Helper()
	var config struct {
		Builds []struct {
			Binary       string
			Goos, Goarch []string
		}
		Archives []struct {
			Name      string `yaml:"name_template"`
			Formats   []string
			Overrides []struct {
				Goos    string
				Formats []string
			} `yaml:"format_overrides"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, filepath.Join(root, ".goreleaser.yaml"))), &config); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, goos := range config.Builds[0].Goos {
		for _, goarch := range config.Builds[0].Goarch {
			a := config.Archives[0]
			format := a.Formats[0]
			for _, o := range a.Overrides {
				if o.Goos == goos {
					format = o.Formats[0]
				}
			}
			name := strings.NewReplacer("{{ .ProjectName }}", "mesh2gw", "{{ .Os }}", goos, "{{ .Arch }}", goarch).Replace(a.Name)
			names = append(names, name+"."+format)
		}
	}
	slices.Sort(names)
	return names
}

// TestKrew fills in .krew.yaml as krew-release-bot does, and compares it with what a
// release has.
func TestKrew(t *testing.T) {
	var uris []string
	functions := template.FuncMap{"addURIAndSha": func(uri, tag string) (string, error) {
		inner, err := template.New("uri").Parse(uri)
		if err != nil {
			return "", err
		}
		var full strings.Builder
		err = inner.Execute(&full, map[string]string{"TagName": tag})
		uris = append(uris, full.String())
		return fmt.Sprintf("uri: %s\n    sha256: %064d", full.String(), len(uris)), err
	}}
	page, err := template.New("krew").Funcs(functions).Parse(read(t, filepath.Join(root, ".krew.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := page.Execute(&text, map[string]string{"TagName": "v0.1.0"}); err != nil {
		t.Fatal(err)
	}
	var plugin struct {
		APIVersion, Kind string
		Metadata         struct{ Name string }
		Spec             struct {
			Version          string
			ShortDescription string `yaml:"shortDescription"`
			Platforms        []struct {
				Selector struct {
					MatchLabels map[string]string `yaml:"matchLabels"`
				}
				URI, Sha256, Bin string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text.String()), &plugin); err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	// krew-index asks for at most 50 characters, and the name that kubectl looks for.
	if s := plugin.Spec; s.Version != "v0.1.0" || plugin.Metadata.Name != "mesh2gw" || plugin.Kind != "Plugin" || len(s.ShortDescription) > 50 {
		t.Errorf("%+v", plugin)
	}
	var names []string
	for _, p := range plugin.Spec.Platforms {
		dir, name := filepath.Split(p.URI)
		if dir != "https://github.com/mesh2gw/mesh2gw/releases/download/v0.1.0/" || len(p.Sha256) != 64 {
			t.Errorf("%+v", p)
		}
		goos := p.Selector.MatchLabels["os"]
		if !strings.HasPrefix(name, "mesh2gw_"+goos+"_"+p.Selector.MatchLabels["arch"]+".") || strings.HasSuffix(p.Bin, ".exe") != (goos == "windows") {
			t.Errorf("%+v", p)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if want := archives(t); !slices.Equal(names, want) {
		t.Errorf("krew knows %v, a release has %v", names, want)
	}
}

// TestDockerfile reads the Dockerfile as BuildKit does, and runs the steps of its
// first stage on what .dockerignore lets through.
func TestDockerfile(t *testing.T) {
	result, err := parser.Parse(strings.NewReader(read(t, filepath.Join(root, "Dockerfile"))))
	if err != nil {
		t.Fatal(err)
	}
	stages, _, err := instructions.Parse(result.AST, linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		t.Errorf("%s: %s", rule, message)
	}}))
	if err != nil {
		t.Fatal(err)
	}
	if len(stages) != 2 {
		t.Fatalf("%d stages", len(stages))
	}
	src, out := t.TempDir(), t.TempDir()
	copyContext(t, src)
	for _, c := range stages[0].Commands {
		run, ok := c.(*instructions.RunCommand)
		if !ok {
			continue
		}
		line := strings.ReplaceAll(strings.Join(run.CmdLine, " "), "/out/", out+"/")
		command := exec.Command("sh", "-ec", line)
		command.Dir, command.Env = src, append(os.Environ(), "VERSION=v9.9.9", "TARGETOS=", "TARGETARCH=")
		if text, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, text)
		}
	}
	if text, err := exec.Command(filepath.Join(out, "mesh2gw"), "version").Output(); err != nil || string(text) != "mesh2gw version v9.9.9\n" {
		t.Errorf("%q, %v", text, err)
	}
	last := stages[1]
	var user, entry string
	for _, c := range last.Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.EntrypointCommand:
			entry = strings.Join(c.CmdLine, " ")
		}
	}
	if user == "" || strings.HasPrefix(user, "0") || entry != "/usr/local/bin/mesh2gw" || !strings.Contains(last.BaseName, "static") {
		t.Errorf("user %q, entry point %q, base %q", user, entry, last.BaseName)
	}
}

// copyContext copies what .dockerignore lets through, by Docker's own matcher.
func copyContext(t *testing.T, to string) {
	t.Helper()
	patterns, err := ignorefile.ReadAll(strings.NewReader(read(t, filepath.Join(root, ".dockerignore"))))
	if err != nil {
		t.Fatal(err)
	}
	ignored, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == ".git" || name == "e2e" || name == "bin" {
				return filepath.SkipDir
			}
			return nil
		}
		if skip, err := ignored.MatchesOrParentMatches(filepath.ToSlash(name)); err != nil || skip {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o777); err != nil {
			return err
		}
		copyTo(t, path, filepath.Join(to, name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
