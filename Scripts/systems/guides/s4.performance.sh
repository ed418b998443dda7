   # Check component health
   tmux-orc monitor --component-status

   # Review performance metrics
   curl http://localhost:8080/metrics | grep cycle_duration
