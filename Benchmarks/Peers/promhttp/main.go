// SPDX-License-Identifier: Apache-2.0

// Go's net/http with promhttp: a probe and 1,000 series, as the endpoint's rig serves them. Prints its port.
package main

import (
	"fmt"
	"log"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	registry := prometheus.NewRegistry()
	events := prometheus.NewCounterVec(
		prometheus.CounterOpts{Name: "rig_events_total", Help: "Events."}, []string{"shard", "kind"})
	registry.MustRegister(events)
	for number := 0; number < 1000; number++ {
		shard, kind := fmt.Sprintf("shard-%d", number/10), fmt.Sprintf("kind-%d", number%10)
		events.WithLabelValues(shard, kind).Add(float64(number * 7))
	}
	// Compression is off for both: the endpoint has none.
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{DisableCompression: true}))
	http.HandleFunc("/livez", func(writer http.ResponseWriter, request *http.Request) {
		writer.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if _, err := writer.Write([]byte("ok\n")); err != nil {
			log.Print(err)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, nil))
}
