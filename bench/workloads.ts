import type { SocketType } from 'fd-conduit';

/** Something that two processes do with each other, the same for all who are compared. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** How many of them one run has. */
  readonly count: number;
  /** Descriptors a message, where a message has several. */
  readonly size: number;
  readonly socketType: SocketType;
  /** Whether both processes share a core: what is measured is then not how fast one core wakes another. */
  readonly oneCore: boolean;
}

const PLAIN = { size: 1, socketType: 'stream', oneCore: false } as const;

/** All of them; docs/performance.md says what each is. */
export const WORKLOADS: readonly Workload[] = [
  {
    ...PLAIN,
    name: 'single',
    title: 'One descriptor a message',
    unit: 'descriptors',
    count: 150_000,
  },
  {
    ...PLAIN,
    name: 'full',
    title: '253 descriptors a message',
    unit: 'descriptors',
    count: 253 * 3_000,
    size: 253,
  },
  {
    ...PLAIN,
    name: 'round-trip',
    title: 'There and back',
    unit: 'round trips',
    count: 20_000,
    oneCore: true,
  },
  {
    ...PLAIN,
    name: 'connections',
    title: 'Connections handed over',
    unit: 'connections',
    count: 6_000,
  },
  {
    ...PLAIN,
    name: 'packets',
    title: 'Packets of 64 KiB with a descriptor',
    unit: 'packets',
    count: 25_000,
    oneCore: true,
    socketType: 'seqpacket',
  },
];
