package main

import (
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// gcPercent trades memory for speed: the process is short, and a quarter of a
// conversion's time went to collecting garbage at Go's default of 100.
const gcPercent = 200

// Beyond memoryFloor the collector works harder to keep the heap within
// memoryPerByte times the input, so that the process, with some 25 MB of its
// own, stays below 15 times a large input. Below, speed counts for more;
// GOMEMLIMIT sets another limit.
const (
	memoryFloor   = 64 << 20
	memoryPerByte = 13
)

// boundMemory sets the limit for an input of that many bytes, unless the user
// has set one.
func boundMemory(input int) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(max(memoryFloor, memoryPerByte*int64(input)))
	}
}

// size is how many bytes files have.
func size(files []source.File) int {
	n := 0
	for _, f := range files {
		n += len(f.Data)
	}
	return n
}

// pages keep the bytes of an output until all of them are made. A buffer that
// grows would copy them, and need up to three times their memory for that.
type pages [][]byte

const pageSize = 256 << 10

// all returns the bytes in one piece.
func (p pages) all() []byte { return slices.Concat(p...) }

// Write keeps a copy of data.
func (p *pages) Write(data []byte) (int, error) {
	n := len(data)
	for len(data) > 0 {
		last := len(*p) - 1
		if last < 0 || len((*p)[last]) == cap((*p)[last]) {
			*p = append(*p, make([]byte, 0, pageSize))
			last++
		}
		page := (*p)[last]
		k := min(len(data), cap(page)-len(page))
		(*p)[last], data = append(page, data[:k]...), data[k:]
	}
	return n, nil
}

// WriteTo writes all pages.
func (p pages) WriteTo(w io.Writer) (int64, error) {
	n := int64(0)
	for _, page := range p {
		k, err := w.Write(page)
		n += int64(k)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
