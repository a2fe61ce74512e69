package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.catalog.check.ProofTable.Total;
import dev.caravan.catalog.check.SeenTable;
import dev.caravan.catalog.check.SeenTable.Seen;
import dev.caravan.event.StorePath;
import dev.caravan.remote.RemoteException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** All that lies at a remote, or should; where sizes are enough, its listing says most of it. */
final class WholeScope implements Scope {

  private static final int PAGE = 1_000;

  private final Catalog catalog;
  private final ProofTable proofs;
  private final SeenTable seen;
  private final CheckRemote remote;
  private final CheckMode mode;

  WholeScope(Catalog catalog, CheckRemote remote, CheckMode mode) {
    this.catalog = catalog;
    this.proofs = new ProofTable(catalog);
    this.seen = new SeenTable(catalog);
    this.remote = remote;
    this.mode = mode;
  }

  @Override
  public Total begin(BooleanSupplier cancelled) throws RemoteException {
    new RemoteListing(remote, catalog).read(cancelled);
    return proofs.count(remote.id());
  }

  @Override
  public List<Proof> page(Optional<Proof> after) {
    Optional<StorePath> last = after.map(Proof::path);
    return mode == CheckMode.SIZE
        ? proofs.unlike(remote.id(), last, PAGE)
        : proofs.page(remote.id(), last, PAGE);
  }

  @Override
  public List<Seen> strays(Optional<Seen> after) {
    return seen.unknown(remote.id(), after.map(Seen::key).orElse(""), PAGE);
  }

  @Override
  public void end() {
    catalog.commit(session -> seen.clear(session, remote.id()));
  }
}
