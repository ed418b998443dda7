#!/bin/bash
# health-check.sh - Run every 5 minutes via cron

# Check component health
HEALTH=$(curl -s http://localhost:8080/health/components)
if [[ "$HEALTH" != *"healthy"* ]]; then
    echo "ALERT: Component health check failed"
    # Send alert to monitoring system
fi

# Check performance baseline
CYCLE_TIME=$(curl -s http://localhost:8080/metrics | grep cycle_duration | tail -1)
if [[ "$CYCLE_TIME" > "0.5" ]]; then
    echo "WARNING: Cycle time elevated"
fi
