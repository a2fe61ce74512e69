package dev.caravan.check;

import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.catalog.check.ProofTable.Total;
import dev.caravan.catalog.check.SeenTable.Seen;
import dev.caravan.remote.RemoteException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** What of one remote is looked at. */
interface Scope {

  /**
   * Finds out how much that is.
   *
   * @throws RemoteException when the remote cannot be asked
   */
  Total begin(BooleanSupplier cancelled) throws RemoteException;

  /** What is known to lie there and has to be looked at, a page at a time. */
  List<Proof> page(Optional<Proof> after);

  /** What lies there and is not known, a page at a time. */
  List<Seen> strays(Optional<Seen> after);

  void end();
}
