// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP
import StructuredLog

// Replies go to standard output, so the log goes to standard error. The metrics stand on an endpoint of their own.
let metrics = MetricRegistry()
let log = try StructuredLogger("own-handler", output: LogOutput(.standardError))
let service = try LineService(metrics: metrics, log: log)
let endpoint = try InstrumentServer(metrics: metrics, log: log, configuration: .fromEnvironment())
try endpoint.start()

while let line = readLine() {
    print(await service.reply(to: line).line)
}
endpoint.stop()
log.flush()
