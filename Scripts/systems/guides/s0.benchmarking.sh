# API performance test
ab -n 1000 -c 10 http://localhost:8080/health

# Redis performance test
docker exec pleiotropy-redis redis-cli --latency-history -i 1

# System load test
stress --cpu 2 --timeout 60s
