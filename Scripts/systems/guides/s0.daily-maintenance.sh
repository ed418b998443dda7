#!/bin/bash
# daily-maintenance.sh

echo "=== Daily Maintenance $(date) ==="

# 1. Health check
./health-check.sh

# 2. Check disk space
df -h | grep -E "(8[0-9]|9[0-9])%" && echo "⚠️  High disk usage detected"

# 3. Check log file sizes
find /var/log -name "*.log" -size +100M -exec ls -lh {} \;

# 4. Clean up old Docker images
docker image prune -f

# 5. Backup Redis data
docker exec pleiotropy-redis redis-cli BGSAVE

# 6. Export daily metrics
curl -s http://localhost:9090/api/v1/query?query=up > /backup/metrics-$(date +%Y%m%d).json

echo "=== Daily Maintenance Complete ==="
