package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	if p := progressOn(&b); p.w != nil {
		t.Error("a buffer is no terminal")
	}
	(&progress{}).requests(1, 1)
	(&progress{}).load(time.Hour)()
	p := &progress{w: &b}
	for i := range 1000 {
		p.requests(i+1, 1000)
	}
	end := p.load(30 * time.Second)
	end()
	got := b.String()
	if !strings.HasPrefix(got, "\r\x1b[K1 of 1000 requests\r") || !strings.HasSuffix(got, "\r\x1b[K1000 of 1000 requests\r\x1b[K") || strings.Count(got, "requests") > 100 {
		t.Errorf("%q", got)
	}
}
