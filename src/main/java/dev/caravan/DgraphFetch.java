package dev.caravan;

import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.config.Settings;
import dev.caravan.dgraph.files.ExportFetch;
import dev.caravan.dgraph.files.Vault;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.UploadJournal;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.function.Consumer;

/** Brings exports of Dgraph back from S3. */
final class DgraphFetch {

  private DgraphFetch() {}

  /** Fetches each; the message of a failure is for the operator. */
  static int fetch(Settings settings, List<String> names, Path to, Consumer<String> told)
      throws CommandFailure {
    int files = 0;
    try (Vault vault =
        DgraphMaker.vault(
            settings.dgraph(), new NoJournal(), new SimpleMeterRegistry(), Clock.systemUTC())) {
      ExportFetch fetch = new ExportFetch(vault.remote(), to, told);
      for (String name : names) {
        files += fetch.fetch(name);
      }
      return files;
    } catch (RemoteException e) {
      String hint =
          switch (e.reason()) {
            case OTHER, PERMISSION -> " (is it the key that it was stored with?)";
            default -> "";
          };
      throw new CommandFailure(1, e.getMessage() + hint, e);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandFailure(1, "Fetching failed: " + e.getMessage(), e);
    }
  }

  /** Nothing is uploaded. */
  private static final class NoJournal implements UploadJournal {
    @Override
    public void begun(ObjectKey key) {}

    @Override
    public void ended(ObjectKey key) {}
  }
}
