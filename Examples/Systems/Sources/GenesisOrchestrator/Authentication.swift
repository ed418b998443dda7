// SPDX-License-Identifier: Apache-2.0

import Instrument
import InstrumentHTTP

/// Keeps requests without the token out of the service's routes, and counts who came.
struct Authentication: RequestMiddleware {
    let check: CredentialCheck
    /// By route and outcome.
    let outcomes: Family<Counter, (String, String)>

    func begin(_ observation: inout RequestObservation) throws(RequestRefusal) {
        let route = observation.request.route ?? "unmatched"
        do throws(RequestRefusal) {
            try check.begin(&observation)
        } catch {
            outcomes.with(route, "refused").increment()
            throw error
        }
        outcomes.with(route, "accepted").increment()
    }

    func end(_ observation: RequestObservation, _ outcome: RequestOutcome) {}
}
