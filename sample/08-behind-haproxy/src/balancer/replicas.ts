/** A replica, and where HAProxy finds it. */
export interface ReplicaAddress {
  /** Of its `server` line in haproxy.cfg. */
  readonly name: string;
  readonly listen: string;
  readonly managementPort: string;
}

const {
  REPLICA_1 = '127.0.0.1:3081',
  MANAGEMENT_PORT_1 = '3082',
  REPLICA_2 = '127.0.0.1:3083',
  MANAGEMENT_PORT_2 = '3084',
} = process.env;

/** As haproxy.cfg reads them. */
export const replicas: readonly ReplicaAddress[] = [
  { name: 'one', listen: REPLICA_1, managementPort: MANAGEMENT_PORT_1 },
  { name: 'two', listen: REPLICA_2, managementPort: MANAGEMENT_PORT_2 },
];
