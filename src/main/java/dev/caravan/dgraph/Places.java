package dev.caravan.dgraph;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.dgraph.files.Vault;
import dev.caravan.remote.RemoteException;
import java.util.UUID;

/**
 * Finds each export a folder at the remote that no other has: not of this Caravan, which its own
 * record tells, and not of another that writes to the same bucket and prefix, which a claim in the
 * folder tells.
 */
final class Places {

  private static final String NAME = "dgraph_instance";
  private static final int TRIES_MAX = 1_000;

  private final ExportWorld world;
  private final ExportFiles files;

  Places(ExportWorld world, ExportFiles files) {
    this.world = world;
    this.files = files;
  }

  /**
   * Takes a folder for an export of which nothing was sent yet.
   *
   * @param wanted as it is on record
   * @return the folder that it has, which is on record
   */
  String reserve(long export, String wanted) throws RemoteException {
    String owner = "%s export %d".formatted(instance(), export);
    String folder = wanted;
    for (int n = 2; n < TRIES_MAX; n++) {
      Vault.Claim claim = world.vault().claim(folder, owner);
      if (claim == Vault.Claim.OWN) {
        return folder;
      }
      if (claim == Vault.Claim.UNSURE) {
        String own = wanted + "-" + instance().substring(0, 8);
        return files.recordFolder(export, own);
      }
      folder = files.recordFolder(export, base(wanted) + "-" + n);
    }
    throw new IllegalStateException("no folder like %s is free".formatted(wanted));
  }

  /** Without the number that an earlier try may have added. */
  private static String base(String folder) {
    return folder.replaceFirst("^(\\d{4}-\\d{2}-\\d{2}-\\d{6})-.*$", "$1");
  }

  /** Tells this Caravan from others; made once for its record. */
  private synchronized String instance() {
    Catalog catalog = world.catalog();
    return catalog
        .findMeta(NAME)
        .orElseGet(
            () -> {
              String made = UUID.randomUUID().toString();
              catalog.commit(session -> catalog.recordMeta(session, NAME, made));
              return made;
            });
  }
}
