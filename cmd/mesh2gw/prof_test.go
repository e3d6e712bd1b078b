package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"testing"
	"time"
)

func TestProfCPU(t *testing.T) {
	debug.SetGCPercent(200)
	null, _ := os.OpenFile("/dev/null", os.O_RDWR, 0)
	args := []string{"mesh2gw", "convert", "--fail-on", "never", "/tmp/mm/in10000.yaml"}
	if os.Getenv("HEAP") != "" {
		runtime.MemProfileRate = 32 << 10
		go func() {
			for i := 0; ; i++ {
				time.Sleep(100 * time.Millisecond)
				runtime.GC()
				f, _ := os.Create("/tmp/mm/heap" + strconv.Itoa(i))
				pprof.Lookup("heap").WriteTo(f, 0)
				f.Close()
			}
		}()
		run(newApp(nil, null, null), args)
		return
	}
	f, _ := os.Create("/tmp/mm/cpu.prof")
	pprof.StartCPUProfile(f)
	for range 3 {
		run(newApp(nil, null, null), args)
	}
	pprof.StopCPUProfile()
}
