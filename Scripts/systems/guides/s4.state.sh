# Clean up old state files
find /var/lib/tmux-orchestrator/state -name "*.old" -mtime +7 -delete

# Validate state file integrity
tmux-orc monitor --validate-state
