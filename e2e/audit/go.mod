module github.com/mesh2gw/mesh2gw/e2e/audit

go 1.26.0
