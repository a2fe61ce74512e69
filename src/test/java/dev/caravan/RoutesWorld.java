package dev.caravan;

import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunHold;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.config.Settings;
import dev.caravan.config.read.ConfigReader;
import dev.caravan.event.Operation;
import dev.caravan.route.RouteFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** Caravan in this process, with routes, without HTTP and without a clock of its own. */
final class RoutesWorld implements AutoCloseable {

  private final Path folder;
  private final StateFolder state;
  private final App app;

  private RoutesWorld(Path folder, StateFolder state, App app) {
    this.folder = folder;
    this.state = state;
    this.app = app;
  }

  /** Starts with a store, a {@code dir} remote and the routes that lie in the folder. */
  static RoutesWorld start(Path folder, String... sets) throws Exception {
    return start(folder, Map.of(), sets);
  }

  /**
   * @param beans that the user's routes may call
   */
  static RoutesWorld start(Path folder, Map<String, Object> beans, String... sets)
      throws Exception {
    Settings settings = settings(folder, sets);
    StateFolder state = StateFolder.open(settings.store(), Clock.systemUTC());
    App app = new App(settings, state);
    try {
      app.operations().enrol();
      beans.forEach(app.camel()::bind);
      app.start(new RouteFiles(settings.routes().path(), false).read(), Optional.empty());
      return new RoutesWorld(folder, state, app);
    } catch (Exception e) {
      app.close();
      state.close();
      throw e;
    }
  }

  static Settings settings(Path folder, String... sets) throws IOException {
    Files.createDirectories(folder.resolve("store"));
    Files.createDirectories(folder.resolve("remote"));
    List<String> all = new ArrayList<>(List.of(sets));
    all.add("store.settle=0s");
    ConfigReader.Result read =
        new ConfigReader(Map.of(), folder).read(Optional.of(config(folder)), all);
    return read.settings().orElseThrow(() -> new AssertionError(read.problems().toString()));
  }

  private static Path config(Path folder) throws IOException {
    Path file = folder.resolve("caravan.yaml");
    if (!Files.exists(file)) {
      Files.writeString(
          file,
          """
          store: {path: store}
          storage:
            remotes: [{provider: dir, name: disk, path: remote}]
          routes: {path: routes}
          """);
    }
    return file;
  }

  /** Puts a file into the folder of the user's routes. */
  static Path routes(Path folder, String name, String yaml) throws IOException {
    Path file = folder.resolve("routes").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, yaml);
  }

  /** Follows the folder, a look at a time. */
  RouteReload reload() {
    return new RouteReload(
        new RouteFiles(folder.resolve("routes"), false)::read, new CamelStage(app.camel(), gate()));
  }

  private CamelStage.RunGate gate() {
    return new CamelStage.RunGate() {
      @Override
      public RunHold hold() {
        return queue().hold();
      }

      @Override
      public void wake(Operation operation) {
        app.camel().wake(operation);
      }
    };
  }

  App app() {
    return app;
  }

  /** Of syncs and purges. */
  RunQueue queue() {
    return app.operations().sync().queue();
  }

  CamelContext context() {
    return app.camel().context();
  }

  RoutesWorld write(String path, String text) throws IOException {
    Path file = folder.resolve("store").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    return this;
  }

  /** Runs a whole sync; answers with its run. */
  Map<String, @Nullable Object> sync() {
    Exchange done =
        context().createFluentProducerTemplate().withBody("manual").to("direct:sync-run").send();
    if (done.getException() != null) {
      throw new AssertionError(done.getException());
    }
    state.catalog().flush();
    return RunView.of(state.catalog().runs().list(Optional.empty(), Optional.empty(), 1).get(0));
  }

  /** What is on record, the newest first. */
  List<RunRow> runs() {
    return state.catalog().runs().list(Optional.empty(), Optional.empty(), 100);
  }

  @Override
  public void close() {
    app.close();
    state.close();
  }
}
