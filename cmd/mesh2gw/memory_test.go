package main

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// TestPages writes pieces of all sizes, and reads them back in one.
func TestPages(t *testing.T) {
	var p pages
	var want bytes.Buffer
	for i := range 40 {
		piece := strings.Repeat(string(rune('a'+i%26)), i*i*40)
		if n, err := p.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
		want.WriteString(piece)
	}
	var got bytes.Buffer
	if n, err := p.WriteTo(&got); n != int64(want.Len()) || err != nil || len(p) < 2 {
		t.Fatal(n, err, len(p))
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) || !bytes.Equal(p.all(), want.Bytes()) {
		t.Error("other bytes")
	}
}

// TestHeapLimit holds the process of a large input below memoryPerByte times the
// input, and a small one is not slowed down.
func TestHeapLimit(t *testing.T) {
	for _, c := range []struct{ input, limit int64 }{
		{0, 128 << 20},
		{1 << 20, 128 << 20},
		{20 << 20, 268 << 20},
		{100 << 20, 1468 << 20},
	} {
		if got := heapLimit(int(c.input)); got != c.limit {
			t.Errorf("%d bytes: limit %d, want %d", c.input, got, c.limit)
		}
	}
}

// TestLeaveRoom has more in use than the limit of the smallest input allows.
func TestLeaveRoom(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	t.Setenv("GOMEMLIMIT", "")
	boundMemory(0)
	used := make([]byte, memoryFloor)
	for range 100 {
		runtime.GC()
		time.Sleep(time.Millisecond) // finalizers run on their own
		if debug.SetMemoryLimit(-1) >= roomFor(uint64(len(used))) {
			return
		}
	}
	t.Errorf("the limit is %d with %d bytes in use", debug.SetMemoryLimit(-1), len(used))
	runtime.KeepAlive(used)
}
