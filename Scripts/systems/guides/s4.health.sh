# Check overall system health
curl http://localhost:8080/health

# Check individual component health
curl http://localhost:8080/health/components
