// SPDX-License-Identifier: Apache-2.0

/// The files of a small service, whole.
enum ExpectedArtifacts {
    static let rules = #"""
        # Generated for orders. Try it: promtool test rules alerts.test.yml
        groups:
          - name: orders-queue
            rules:
              - alert: QueueLong
                expr: 'queue_length > 100'
                for: '5m'
                labels:
                  severity: critical
                  group: queue
                annotations:
                  summary: 'Queue {{ $labels.queue }} is long'
                  description: '{{ $value | humanize }} jobs wait; it''s "bad"'
              - alert: QueueLong
                expr: 'queue_length > 50'
                for: '5m'
                labels:
                  severity: warning
                  group: queue
                annotations:
                  summary: 'Queue {{ $labels.queue }} grows'
          - name: orders-application
            rules:
              - alert: JobsFail
                expr: 'sum(rate(jobs_total{outcome="failed"}[10m])) / sum(rate(jobs_total[10m])) > 0.1'
                labels:
                  severity: warning
                  group: application
                annotations:
                  summary: Jobs fail

        """#

    static let ruleTests = #"""
        # Generated for orders. Each alert stays quiet, fires and clears: promtool test rules alerts.test.yml
        rule_files:
          - alerts.yml
        evaluation_interval: '1m'
        tests:
          - name: QueueLong critical fires and clears
            interval: '1m'
            input_series:
              - series: 'queue_length{instance="instance-1",job="orders",queue="a"}'
                values: '50+0x1 150+0x6 50+0x1'
            promql_expr_test:
              - expr: 'count by (alertname, severity) (ALERTS{alertname="QueueLong",alertstate="firing",severity="critical"}) > bool 0'
                eval_time: '1m'
                exp_samples: []
              - expr: 'count by (alertname, severity) (ALERTS{alertname="QueueLong",alertstate="firing",severity="critical"}) > bool 0'
                eval_time: '8m'
                exp_samples:
                  - labels: '{alertname="QueueLong", severity="critical"}'
                    value: 1
              - expr: 'count by (alertname, severity) (ALERTS{alertname="QueueLong",alertstate="firing",severity="critical"}) > bool 0'
                eval_time: '10m'
                exp_samples: []
          - name: QueueLong warning fires and clears
            interval: '1m'
            input_series:
              - series: 'queue_length{instance="instance-1",job="orders",queue="a"}'
                values: '25+0x1 75+0x6 25+0x1'
            promql_expr_test:
              - expr: 'count by (alertname, severity) (ALERTS{alertname="QueueLong",alertstate="firing",severity="warning"}) > bool 0'
                eval_time: '1m'
                exp_samples: []
              - expr: 'count by (alertname, severity) (ALERTS{alertname="QueueLong",alertstate="firing",severity="warning"}) > bool 0'
                eval_time: '8m'
                exp_samples:
                  - labels: '{alertname="QueueLong", severity="warning"}'
                    value: 1
              - expr: 'count by (alertname, severity) (ALERTS{alertname="QueueLong",alertstate="firing",severity="warning"}) > bool 0'
                eval_time: '10m'
                exp_samples: []
          - name: JobsFail warning fires and clears
            interval: '1m'
            input_series:
              - series: 'jobs_total{instance="instance-1",job="orders",outcome="a"}'
                values: '570+570x11 7350+510x11 13530+570x11'
              - series: 'jobs_total{instance="instance-1",job="orders",outcome="failed"}'
                values: '30+30x11 450+90.00000000000001x11 1470.0000000000002+30x11'
            promql_expr_test:
              - expr: 'count by (alertname, severity) (ALERTS{alertname="JobsFail",alertstate="firing",severity="warning"}) > bool 0'
                eval_time: '11m'
                exp_samples: []
              - expr: 'count by (alertname, severity) (ALERTS{alertname="JobsFail",alertstate="firing",severity="warning"}) > bool 0'
                eval_time: '23m'
                exp_samples:
                  - labels: '{alertname="JobsFail", severity="warning"}'
                    value: 1
              - expr: 'count by (alertname, severity) (ALERTS{alertname="JobsFail",alertstate="firing",severity="warning"}) > bool 0'
                eval_time: '35m'
                exp_samples: []

        """#

    static let prometheus = #"""
        # Generated for orders. Use it: prometheus --config.file=prometheus.yml
        global:
          scrape_interval: '15s'
          evaluation_interval: '15s'
          external_labels:
            environment: test
        rule_files:
          - alerts.yml
        alerting:
          alertmanagers:
            - static_configs:
                - targets:
                    - '127.0.0.1:9093'
        scrape_configs:
          - job_name: orders
            metrics_path: '/metrics'
            authorization:
              credentials_file: token
            static_configs:
              - targets:
                  - 'api:8080'

        """#

    static let alertmanager = #"""
        # Generated for orders. Use it: alertmanager --config.file=alertmanager.yml
        route:
          receiver: default
          group_by:
            - alertname
            - job
            - group
          group_wait: '10s'
          group_interval: '5m'
          repeat_interval: '12h'
          routes:
            - matchers:
                - 'group="queue"'
              receiver: group-queue
            - matchers:
                - 'severity="critical"'
              receiver: critical
              group_interval: '10s'
            - matchers:
                - 'severity="warning"'
              receiver: warning
            - matchers:
                - 'severity="info"'
              receiver: info
        receivers:
          - name: default
          - name: group-queue
            slack_configs:
              - api_url_file: '/run/secrets/slack'
                channel: '#queue'
                send_resolved: true
          - name: critical
            webhook_configs:
              - url: 'http://127.0.0.1:5001/'
                send_resolved: true
          - name: warning
            email_configs:
              - to: 'a@b.example'
                from: 'c@b.example'
                smarthost: 'mail.example:587'
                send_resolved: true
          - name: info
        inhibit_rules:
          - source_matchers:
              - 'severity="critical"'
            target_matchers:
              - 'severity=~"warning|info"'
            equal:
              - alertname
              - job
              - instance
              - queue

        """#

    static let dashboard = #"""
        {
          "editable" : true,
          "graphTooltip" : 1,
          "panels" : [
            {
              "collapsed" : false,
              "gridPos" : {
                "h" : 1,
                "w" : 24,
                "x" : 0,
                "y" : 0
              },
              "id" : 1,
              "panels" : [

              ],
              "title" : "Queue",
              "type" : "row"
            },
            {
              "datasource" : {
                "type" : "prometheus",
                "uid" : "${datasource}"
              },
              "description" : "queue_length: Waiting jobs.",
              "fieldConfig" : {
                "defaults" : {
                  "unit" : "short"
                },
                "overrides" : [

                ]
              },
              "gridPos" : {
                "h" : 8,
                "w" : 12,
                "x" : 0,
                "y" : 1
              },
              "id" : 2,
              "targets" : [
                {
                  "datasource" : {
                    "type" : "prometheus",
                    "uid" : "${datasource}"
                  },
                  "expr" : "queue_length{job=\"orders\"} or on () vector(0)",
                  "format" : "time_series",
                  "instant" : false,
                  "legendFormat" : "{{instance}} {{queue}}",
                  "range" : true,
                  "refId" : "A"
                }
              ],
              "title" : "Waiting jobs",
              "type" : "timeseries"
            },
            {
              "datasource" : {
                "type" : "prometheus",
                "uid" : "${datasource}"
              },
              "fieldConfig" : {
                "defaults" : {
                  "unit" : "percentunit"
                },
                "overrides" : [

                ]
              },
              "gridPos" : {
                "h" : 6,
                "w" : 6,
                "x" : 12,
                "y" : 1
              },
              "id" : 3,
              "targets" : [
                {
                  "datasource" : {
                    "type" : "prometheus",
                    "uid" : "${datasource}"
                  },
                  "expr" : "(sum(rate(jobs_total{outcome=\"failed\"}[10m])) or sum(rate(jobs_total[10m])) * 0) / sum(rate(jobs_total[10m]))",
                  "format" : "time_series",
                  "instant" : false,
                  "legendFormat" : "__auto",
                  "range" : true,
                  "refId" : "A"
                }
              ],
              "title" : "Failed",
              "type" : "gauge"
            }
          ],
          "refresh" : "30s",
          "schemaVersion" : 39,
          "tags" : [
            "instrument",
            "orders"
          ],
          "templating" : {
            "list" : [
              {
                "hide" : 0,
                "includeAll" : false,
                "label" : "Data source",
                "multi" : false,
                "name" : "datasource",
                "query" : "prometheus",
                "refresh" : 1,
                "type" : "datasource"
              }
            ]
          },
          "time" : {
            "from" : "now-1h",
            "to" : "now"
          },
          "timezone" : "browser",
          "title" : "orders",
          "uid" : "orders",
          "version" : 1
        }

        """#

    static let kubernetes = #"""
        # Generated for orders. Use it: kubectl patch deployment NAME --patch-file kubernetes.yml
        spec:
          template:
            spec:
              containers:
                - name: orders
                  ports:
                    - name: metrics
                      containerPort: 8080
                  livenessProbe:
                    httpGet:
                      path: '/livez'
                      port: 8080
                    initialDelaySeconds: 0
                    periodSeconds: 10
                    timeoutSeconds: 2
                    failureThreshold: 3
                  readinessProbe:
                    httpGet:
                      path: '/readyz'
                      port: 8080
                    initialDelaySeconds: 0
                    periodSeconds: 5
                    timeoutSeconds: 2
                    failureThreshold: 3
                  startupProbe:
                    exec:
                      command:
                        - '/app/orders'
                        - health
                    initialDelaySeconds: 0
                    periodSeconds: 10
                    timeoutSeconds: 5
                    failureThreshold: 30

        """#

    static let healthcheck = #"""
        # Add this to the image's Dockerfile.
        HEALTHCHECK --interval=10s --timeout=2s --start-period=300s --retries=3 \
          CMD ["/app/orders", "health \"x\""]

        """#
}
