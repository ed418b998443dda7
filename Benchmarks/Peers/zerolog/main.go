// SPDX-License-Identifier: Apache-2.0

// The same lines as the log benchmarks write, by zerolog into nothing: prints "case<TAB>minimum<TAB>median" in
// nanoseconds a line.
package main

import (
	"fmt"
	"io"
	"sort"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

func fields(e *zerolog.Event) *zerolog.Event {
	return e.Str("method", "GET").Str("route", "/items/:id").Int("status", 200).Float64("ms", 12.5).
		Int("bytes", 48_213).Str("user", "u-4711").Bool("cached", true).Str("region", "eu-central-1").
		Int("attempt", 1).Float64("ratio", 0.125)
}

func measure(name string, threads int, body func(n int)) {
	const rounds = 9
	n := 1
	for {
		start := time.Now()
		body(n)
		elapsed := time.Since(start)
		if elapsed > 2*time.Millisecond {
			n = int(float64(n) * 20e6 / float64(elapsed.Nanoseconds()))
			break
		}
		n *= 4
	}
	costs := make([]float64, rounds)
	for i := range costs {
		var wait sync.WaitGroup
		start := time.Now()
		for t := 0; t < threads; t++ {
			wait.Add(1)
			go func() { body(n); wait.Done() }()
		}
		wait.Wait()
		costs[i] = float64(time.Since(start).Nanoseconds()) / float64(n)
	}
	sort.Float64s(costs)
	fmt.Printf("%s\t%.2f\t%.2f\n", name, costs[0], costs[rounds/2])
}

func main() {
	zerolog.TimeFieldFormat = "2006-01-02T15:04:05.000Z07:00"
	log := zerolog.New(io.Discard).Level(zerolog.InfoLevel).With().Timestamp().Logger()
	for _, threads := range []int{1, 4} {
		measure(fmt.Sprintf("disabled/%d threads", threads), threads, func(n int) {
			for i := 0; i < n; i++ {
				log.Debug().Int("a", i).Str("b", "x").Msg("off")
			}
		})
	}
	measure("static message", 1, func(n int) {
		for i := 0; i < n; i++ {
			log.Info().Msg("request handled")
		}
	})
	measure("10 fields", 1, func(n int) {
		for i := 0; i < n; i++ {
			fields(log.Info()).Msg("request handled")
		}
	})
	child := log.With().Str("method", "GET").Str("route", "/items/:id").Int("status", 200).Float64("ms", 12.5).
		Int("bytes", 48_213).Str("user", "u-4711").Bool("cached", true).Str("region", "eu-central-1").
		Int("attempt", 1).Float64("ratio", 0.125).Logger()
	measure("child of 10 fields", 1, func(n int) {
		for i := 0; i < n; i++ {
			child.Info().Msg("request handled")
		}
	})
}
