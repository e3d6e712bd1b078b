package hints

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var languages = []language{
	{"go", setUpGo},
	{"python", setUpPython},
	{"node", setUpNode},
	{"java", setUpJava},
	{"rust", setUpRust},
}

// setUpGo builds the hints with the driver, in a module that has the versions of
// this one.
func setUpGo(t *testing.T, dir string) *exec.Cmd {
	copyFile(t, "go.mod", filepath.Join(dir, "go.mod"))
	copyFile(t, "go.sum", filepath.Join(dir, "go.sum"))
	copyFile(t, "testdata/drivers/go/main.go.txt", filepath.Join(dir, "main.go"))
	run(t, dir, "go", "vet", "./...")
	run(t, dir, "go", "build", "-o", "driver", ".")
	return exec.Command(filepath.Join(dir, "driver"))
}

func setUpPython(t *testing.T, dir string) *exec.Cmd {
	copyFile(t, "testdata/drivers/python/driver.py", filepath.Join(dir, "driver.py"))
	command := exec.Command(python(t), "-W", "error::SyntaxWarning", "driver.py")
	command.Dir = dir
	return command
}

// python is that of a virtual environment, which is made once.
func python(t *testing.T) string {
	need(t, "python3", "install Python 3.9 or later, with venv and pip")
	env := cache(t, "python")
	name := filepath.Join(env, "bin", "python")
	once(t, env, "tenacity 9.2.1 pybreaker 1.4.1 httpx 0.28.1", func() {
		run(t, ".", "python3", "-m", "venv", "--clear", env)
		run(t, ".", name, "-m", "pip", "install", "--quiet", "tenacity==9.2.1", "pybreaker==1.4.1", "httpx==0.28.1")
	})
	return name
}

func setUpNode(t *testing.T, dir string) *exec.Cmd {
	copyFile(t, "testdata/drivers/node/driver.mjs", filepath.Join(dir, "driver.mjs"))
	nodeModules(t, dir)
	command := exec.Command("node", "driver.mjs")
	command.Dir = dir
	return command
}

// nodeModules links dir to the packages, which are installed once. cockatiel 4
// asks for Node 22; the part of it that is used here runs on 20, too.
func nodeModules(t *testing.T, dir string) {
	need(t, "npm", "install Node 20 or later")
	modules := cache(t, "node")
	once(t, modules, "cockatiel 4.0.0 undici 7.30.2", func() {
		copyFile(t, "testdata/drivers/node/package.json", filepath.Join(modules, "package.json"))
		run(t, modules, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent")
	})
	if err := os.Symlink(filepath.Join(modules, "node_modules"), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
}

func setUpJava(t *testing.T, dir string) *exec.Cmd {
	path := javaPath(t)
	copyFile(t, "testdata/drivers/java/Driver.java", filepath.Join(dir, "Driver.java"))
	hints, err := filepath.Glob(filepath.Join(dir, "calls", "*.java"))
	if err != nil {
		t.Fatal(err)
	}
	run(t, dir, "javac", append([]string{"-Xlint:all", "-Werror", "--release", "17", "-cp", path, "-d", ".", "Driver.java"}, hints...)...)
	command := exec.Command("java", "-cp", path, "Driver")
	command.Dir = dir
	return command
}

// javaPath is a class path with the libraries, which Maven fetches once, and the
// working folder.
func javaPath(t *testing.T) string {
	need(t, "javac", "install a JDK, 17 or later")
	need(t, "mvn", "install Maven")
	libraries := cache(t, "java")
	once(t, libraries, "resilience4j 2.4.0", func() {
		copyFile(t, "testdata/drivers/java/pom.xml", filepath.Join(libraries, "pom.xml"))
		run(t, libraries, "mvn", "--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory=lib")
	})
	return filepath.Join(libraries, "lib", "*") + string(filepath.ListSeparator) + "."
}

// setUpRust builds with cargo; what it has compiled is kept.
func setUpRust(t *testing.T, dir string) *exec.Cmd {
	main, err := os.ReadFile("testdata/drivers/rust/main.rs")
	if err != nil {
		t.Fatal(err)
	}
	crate(t, dir, string(main))
	if err := os.Rename(filepath.Join(dir, "calls"), filepath.Join(dir, "src", "calls")); err != nil {
		t.Fatal(err)
	}
	target := cache(t, "rust")
	run(t, dir, "cargo", "rustc", "--quiet", "--locked", "--target-dir", target, "--", "-D", "warnings")
	return exec.Command(filepath.Join(target, "debug", "driver"))
}

// crate writes what cargo needs.
func crate(t *testing.T, dir, main string) {
	need(t, "cargo", "install Rust 1.85 or later (rustup.rs)")
	copyFile(t, "testdata/drivers/rust/Cargo.toml.txt", filepath.Join(dir, "Cargo.toml"))
	copyFile(t, "testdata/drivers/rust/Cargo.lock.txt", filepath.Join(dir, "Cargo.lock"))
	if err := os.MkdirAll(filepath.Join(dir, "src"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "main.rs"), []byte(main), 0o666); err != nil {
		t.Fatal(err)
	}
}

// once does what fills a folder of the cache, unless it was filled for the same
// versions before.
func once(t *testing.T, dir, versions string, fill func()) {
	t.Helper()
	mark := filepath.Join(dir, "versions.txt")
	if had, err := os.ReadFile(mark); err == nil && string(had) == versions {
		return
	}
	fill()
	if err := os.WriteFile(mark, []byte(versions), 0o666); err != nil {
		t.Fatal(err)
	}
}
