// SPDX-License-Identifier: Apache-2.0

// prometheus-cpp's figures, one line each: name, fastest and middle round in nanoseconds for an operation and thread.
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <vector>

static void measure(const std::string& name, int threads, int operations, const std::function<void(int)>& body) {
    std::vector<double> costs;
    for (int round = 0; round <= 7; round++) {
        std::atomic<bool> open{false};
        std::vector<std::thread> running;
        for (int thread = 0; thread < threads; thread++) {
            running.emplace_back([&] {
                while (!open.load()) std::this_thread::yield();
                body(operations);
            });
        }
        auto start = std::chrono::steady_clock::now();
        open = true;
        for (auto& thread : running) thread.join();
        auto elapsed = std::chrono::steady_clock::now() - start;
        if (round > 0) {
            costs.push_back(std::chrono::duration<double, std::nano>(elapsed).count() / operations);
        }
    }
    std::sort(costs.begin(), costs.end());
    std::printf("%s\t%.2f\t%.2f\n", name.c_str(), costs.front(), costs[costs.size() / 2]);
}

static void exposition(int series) {
    prometheus::Registry registry;
    auto& family = prometheus::BuildCounter().Name("http_requests_total").Help("h").Register(registry);
    for (int index = 0; index < series; index++) {
        family.Add({{"method", "GET"}, {"route", "/items/" + std::to_string(index)}, {"status", "200"}}).Increment(index % 100000);
    }
    measure("exposition of " + std::to_string(series) + " counters, 3 labels", 1, series, [&](int) {
        auto text = prometheus::TextSerializer().Serialize(registry.Collect());
        if (text.size() < static_cast<size_t>(series)) std::abort();
    });
}

int main() {
    std::vector<double> values(1024);
    for (size_t index = 0; index < values.size(); index++) values[index] = (index * 7919 % 1024) / 1024.0 * 12;
    for (int threads : {1, 2, 4}) {
        auto suffix = "/" + std::to_string(threads) + " threads";
        prometheus::Counter counter;
        measure("Counter.increment" + suffix, threads, 500000, [&](int count) {
            for (int index = 0; index < count; index++) counter.Increment();
        });
        prometheus::Gauge gauge;
        measure("Gauge.set" + suffix, threads, 500000, [&](int count) {
            for (int index = 0; index < count; index++) gauge.Set(index);
        });
        prometheus::Histogram histogram({0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30});
        measure("Histogram.observe 12 bounds" + suffix, threads, 200000, [&](int count) {
            for (int index = 0; index < count; index++) histogram.Observe(values[index & 1023]);
        });
        prometheus::Registry registry;
        auto& family = prometheus::BuildCounter().Name("l").Help("h").Register(registry);
        measure("Family.with 3 strings + increment" + suffix, threads, 50000, [&](int count) {
            for (int index = 0; index < count; index++) {
                family.Add({{"method", "GET"}, {"route", "/items/:id"}, {"status", "200"}}).Increment();
            }
        });
    }
    exposition(1000);
    exposition(10000);
}
