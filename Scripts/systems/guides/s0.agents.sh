# Check agent heartbeats
curl http://localhost:8080/api/agents/status | jq '.[] | {name, last_seen, status}'

# Restart agents
docker-compose restart rust_analyzer python_visualizer

# Check Redis queue
docker exec pleiotropy-redis redis-cli LLEN task_queue
