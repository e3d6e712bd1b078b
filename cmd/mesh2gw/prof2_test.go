package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestProfMem(t *testing.T) {
	debug.SetGCPercent(100)
	null, _ := os.OpenFile("/dev/null", os.O_RDWR, 0)
	args := []string{"mesh2gw", "convert", "--fail-on", "never", "/tmp/mm/in10000.yaml"}
	go func() {
		for i := 0; ; i++ {
			time.Sleep(100 * time.Millisecond)
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			fmt.Printf("%d alloc %d inuse %d idle-rel %d stack %d sys %d gcsys %d other %d buck %d\n", i, m.HeapAlloc>>20, m.HeapInuse>>20, (m.HeapIdle-m.HeapReleased)>>20, m.StackInuse>>20, m.Sys>>20, m.GCSys>>20, m.OtherSys>>20, m.BuckHashSys>>20)
		}
	}()
	run(newApp(nil, null, null), args)
}
