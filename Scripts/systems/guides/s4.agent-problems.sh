# Verify tmux connectivity
tmux list-sessions

# Check agent monitor component
curl http://localhost:8080/health/agent_monitor

# Review detection logs
grep "agent_detection" /var/log/tmux-orchestrator/monitoring.log
