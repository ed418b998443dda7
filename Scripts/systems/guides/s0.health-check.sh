#!/bin/bash
# health-check.sh

echo "=== System Health Check $(date) ==="

# Check Redis
if docker exec pleiotropy-redis redis-cli ping > /dev/null 2>&1; then
    echo "✅ Redis: HEALTHY"
else
    echo "❌ Redis: UNHEALTHY"
fi

# Check Coordinator API
if curl -f http://localhost:8080/health > /dev/null 2>&1; then
    echo "✅ Coordinator API: HEALTHY"
else
    echo "❌ Coordinator API: UNHEALTHY"
fi

# Check Web UI
if curl -f http://localhost:3000 > /dev/null 2>&1; then
    echo "✅ Web UI: HEALTHY"
else
    echo "❌ Web UI: UNHEALTHY"
fi

# Check Agent Status
AGENT_STATUS=$(curl -s http://localhost:8080/api/agents/status)
if echo "$AGENT_STATUS" | jq -e '.[] | select(.status == "active")' > /dev/null; then
    echo "✅ Agents: ACTIVE"
else
    echo "⚠️  Agents: CHECK REQUIRED"
fi

echo "=== Health Check Complete ==="
