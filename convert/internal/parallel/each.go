// Package parallel runs independent work on all cores.
package parallel

import (
	"runtime"
	"sync"
)

// Each calls f for 0 to n-1 and returns when all calls are done. The calls run
// in blocks, since most are short, and in no order: f writes its result to a
// place of its own. A panic of f comes out of Each, so that the caller of the
// library can recover it.
func Each(n int, f func(i int)) {
	workers := runtime.GOMAXPROCS(0)
	block := max(1, n/(8*workers))
	blocks := make(chan int)
	var group sync.WaitGroup
	var once sync.Once
	var failure any
	for range min(workers, (n+block-1)/block) {
		group.Go(func() {
			for from := range blocks {
				func() {
					defer func() {
						if r := recover(); r != nil {
							once.Do(func() { failure = r })
						}
					}()
					for i := from; i < min(from+block, n); i++ {
						f(i)
					}
				}()
			}
		})
	}
	for from := 0; from < n; from += block {
		blocks <- from
	}
	close(blocks)
	group.Wait()
	if failure != nil {
		panic(failure)
	}
}
