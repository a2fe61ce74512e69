package dev.caravan.arch.sample.store;

import dev.caravan.arch.sample.catalog.NeighbourCatalog;
import org.apache.camel.CamelContext;

/** Breaks rules on purpose: Camel in a room, and half of a cycle. */
public final class StoreWithRoute {
  public String name(CamelContext context, NeighbourCatalog catalog) {
    return context.getName() + catalog;
  }
}
