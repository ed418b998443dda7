// SPDX-License-Identifier: Apache-2.0

import HealthProbes
import Instrument
import InstrumentHTTP

/// What is generated to run beside the platform: alert rules with their tests, dashboards, and configurations.
enum PlatformArtifacts {
    static func make(_ settings: Settings, metrics: MetricRegistry, health: HealthRegistry) -> ServiceArtifacts {
        var artifacts = ServiceArtifacts(job: "analysis-platform", metrics: [metrics], health: health)
        artifacts.scrape.interval = settings.scrapeInterval
        // Rules about exporters that run beside the platform name their metrics; it serves none of them.
        artifacts.outsideMetrics = ["node_*", "pg_*", "redis_*", "celery_*"]
        artifacts.declareAlerts(settings)
        artifacts.declareExporterAlerts()
        artifacts.declareOverview()
        artifacts.declareDashboards()
        return artifacts
    }
}
