# Common log analysis commands
grep "ERROR" /var/log/pleiotropy/*.log
grep "agent_heartbeat" /var/log/pleiotropy/*.log | tail -10
awk '/ERROR/ {print $1, $2, $NF}' /var/log/pleiotropy/coordinator.log
