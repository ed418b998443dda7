#!/bin/bash
# comprehensive-monitor.sh

while true; do
    # Health checks
    ./health-check.sh
    
    # Performance checks
    ./performance-check.sh
    
    # Alert checks
    ./alert-check.sh
    
    sleep 300  # Check every 5 minutes
done
