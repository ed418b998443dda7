// SPDX-License-Identifier: Apache-2.0

// client_golang's figures, one line each: name, fastest and middle round in nanoseconds for an operation and thread.
package main

import (
	"fmt"
	"io"
	"runtime"
	"sort"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

const rounds = 7

func measure(name string, threads, operations int, body func(int)) {
	var costs []float64
	for round := 0; round <= rounds; round++ {
		var start, done sync.WaitGroup
		start.Add(1)
		for thread := 0; thread < threads; thread++ {
			done.Add(1)
			go func() {
				start.Wait()
				body(operations)
				done.Done()
			}()
		}
		runtime.Gosched()
		begin := time.Now()
		start.Done()
		done.Wait()
		if round > 0 {
			costs = append(costs, float64(time.Since(begin).Nanoseconds())/float64(operations))
		}
	}
	sort.Float64s(costs)
	fmt.Printf("%s\t%.2f\t%.2f\n", name, costs[0], costs[len(costs)/2])
}

func exposition(series int) {
	registry := prometheus.NewRegistry()
	family := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_requests_total", Help: "h"}, []string{"method", "route", "status"})
	registry.MustRegister(family)
	for index := 0; index < series; index++ {
		family.WithLabelValues("GET", fmt.Sprintf("/items/%d", index), "200").Add(float64(index % 100000))
	}
	measure(fmt.Sprintf("exposition of %d counters, 3 labels", series), 1, series, func(int) {
		families, err := registry.Gather()
		if err != nil || len(families) != 1 || len(families[0].Metric) != series {
			panic("wrong exposition")
		}
		for _, family := range families {
			if _, err := expfmt.MetricFamilyToText(io.Discard, family); err != nil {
				panic(err)
			}
		}
	})
}

func main() {
	bounds := []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	values := make([]float64, 1024)
	for index := range values {
		values[index] = float64((index*7919)%1024) / 1024 * 12
	}
	for _, threads := range []int{1, 2, 4} {
		counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "c"})
		measure(fmt.Sprintf("Counter.increment/%d threads", threads), threads, 1000000, func(count int) {
			for index := 0; index < count; index++ {
				counter.Inc()
			}
		})
		floating := prometheus.NewCounter(prometheus.CounterOpts{Name: "f"})
		measure(fmt.Sprintf("Counter.increment(by: 0.5)/%d threads", threads), threads, 500000, func(count int) {
			for index := 0; index < count; index++ {
				floating.Add(0.5)
			}
		})
		gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g"})
		measure(fmt.Sprintf("Gauge.set/%d threads", threads), threads, 1000000, func(count int) {
			for index := 0; index < count; index++ {
				gauge.Set(float64(index))
			}
		})
		classic := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Buckets: bounds})
		measure(fmt.Sprintf("Histogram.observe 12 bounds/%d threads", threads), threads, 200000, func(count int) {
			for index := 0; index < count; index++ {
				classic.Observe(values[index&1023])
			}
		})
		native := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "n", NativeHistogramBucketFactor: 1.1})
		measure(fmt.Sprintf("Histogram.observe native/%d threads", threads), threads, 200000, func(count int) {
			for index := 0; index < count; index++ {
				native.Observe(values[index&1023])
			}
		})
		family := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "l"}, []string{"method", "route", "status"})
		measure(fmt.Sprintf("Family.with 3 strings + increment/%d threads", threads), threads, 200000, func(count int) {
			for index := 0; index < count; index++ {
				family.WithLabelValues("GET", "/items/:id", "200").Inc()
			}
		})
	}
	exposition(1000)
	exposition(10000)
	exposition(100000)
}
