// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP

/// Notes how long the API's own routes take, for the check of the response time.
struct ResponseTimes: RequestMiddleware {
    let summary: Summary

    func begin(_ observation: inout RequestObservation) {}

    func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {
        summary.observe(.nanoseconds(Int64(clamping: outcome.durationNanoseconds)))
    }
}
