   # Check for component errors
   tail -f /var/log/tmux-orchestrator/monitoring.log | grep ERROR
