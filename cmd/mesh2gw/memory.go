package main

import (
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"

	"github.com/mesh2gw/mesh2gw/convert/source"
)

// gcPercent trades memory for speed: the process is short, and a quarter of a
// conversion's time went to collecting garbage at Go's default of 100.
const gcPercent = 200

// A large input is converted within memoryPerByte times its size: where the heap
// would grow beyond, the collector runs more often, which costs about a sixth
// more CPU. What the process has besides its heap, its code above all, counts as
// memoryBesides. Below memoryFloor, speed counts for more; GOMEMLIMIT sets
// another limit.
const (
	memoryPerByte = 15
	memoryBesides = 32 << 20
	memoryFloor   = 128 << 20
)

// boundMemory sets the limit for an input of that many bytes, unless the user
// has set one.
func boundMemory(input int) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit(input))
		runtime.SetFinalizer(&cycle{}, (*cycle).leaveRoom)
	}
}

// cycle is found to be garbage by each run of the collector.
type cycle struct{ _ *byte } // a pointer, since pieces without one are allocated together

// leaveRoom raises the limit where what is in use comes near to it, as where many
// tables belong together: the collector would do nothing but run.
func (c *cycle) leaveRoom() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if room := roomFor(live[0].Value.Uint64()); room > debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(room)
	}
	runtime.SetFinalizer(c, (*cycle).leaveRoom)
}

// roomFor is the least limit with so many bytes in use.
func roomFor(live uint64) int64 { return int64(live) / 3 * 5 }

// heapLimit is how much memory Go may have for an input of that many bytes.
func heapLimit(input int) int64 {
	return max(memoryFloor, memoryPerByte*int64(input)-memoryBesides)
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
