// struct rtnl_link_stats64: what an interface has counted, in whichever message it is told. linux/if_link.h
import { struct, u64 } from "../struct.js";
import * as v from "./values.js";

export const linkStatistics = v.struct(
  struct({
    rx_packets: u64(),
    tx_packets: u64(),
    rx_bytes: u64(),
    tx_bytes: u64(),
    rx_errors: u64(),
    tx_errors: u64(),
    rx_dropped: u64(),
    tx_dropped: u64(),
    multicast: u64(),
    collisions: u64(),
    rx_length_errors: u64(),
    rx_over_errors: u64(),
    rx_crc_errors: u64(),
    rx_frame_errors: u64(),
    rx_fifo_errors: u64(),
    rx_missed_errors: u64(),
    tx_aborted_errors: u64(),
    tx_carrier_errors: u64(),
    tx_fifo_errors: u64(),
    tx_heartbeat_errors: u64(),
    tx_window_errors: u64(),
    rx_compressed: u64(),
    tx_compressed: u64(),
    rx_nohandler: u64(),
    rx_otherhost_dropped: u64(),
  }),
);
