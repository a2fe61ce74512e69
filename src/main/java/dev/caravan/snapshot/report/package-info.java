/**
 * What becomes known of a mover that has ended: one report, brought to a Pushgateway, to a file for
 * the node exporter, or to both.
 */
@NullMarked
package dev.caravan.snapshot.report;

import org.jspecify.annotations.NullMarked;
