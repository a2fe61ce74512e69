package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Those who listen to the built jar, and its hook for everything. */
class EventsIT {

  private static final int LISTENERS = 200;

  /** How long the listeners stay, at least; the build can afford a moment only. */
  private static final int SECONDS = Integer.getInteger("caravan.listeners.seconds", 2);

  @TempDir Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private static List<Long> ids(EventReader reader) {
    return reader.told().stream().map(EventReader.Told::id).toList();
  }

  private static boolean isEndOf(String run, EventReader.Told told) {
    return told.text("run_id").equals(run) && told.text("state").equals("succeeded");
  }

  @Test
  void aListenerThatGoesAndComesBackMissesNothing() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    long known;
    try (CaravanProcess daemon = caravan.start()) {
      Trees.many(caravan.store().resolve("one"), 20, 100, 1);
      try (EventReader reader = EventReader.of(http, caravan.port(), "")) {
        String run = daemon.sync("{}").json().at("/run_id").asText();
        reader.await("the end", told -> isEndOf(run, told));
        assertThat(reader.files())
            .hasSize(20)
            .allMatch(told -> told.text("change").equals("uploaded"))
            .allMatch(told -> told.text("remote").equals("disk"));
        assertThat(reader.told())
            .filteredOn(told -> told.kind().equals("status") && told.text("run_id").equals(run))
            .extracting(told -> told.text("state"))
            .containsExactly("queued", "running", "succeeded");
        known = reader.lastId();
      }
      Trees.many(caravan.store().resolve("two"), 300, 100, 2);
      String run = daemon.sync("{}").json().at("/run_id").asText();
      try (EventReader back =
          EventReader.of(http, caravan.port(), "", "Last-Event-ID", Long.toString(known))) {
        back.await("what was missed", told -> isEndOf(run, told));
        assertThat(back.files()).hasSize(300);
        assertThat(ids(back))
            .isEqualTo(LongStream.rangeClosed(known + 1, back.lastId()).boxed().toList());
        assertThat(back.comments()).noneMatch(comment -> comment.startsWith(": lost"));
      }
      try (EventReader one =
          EventReader.of(http, caravan.port(), "?run_id=" + run + "&last_event_id=" + known)) {
        one.await("the run's end", told -> told.text("state").equals("succeeded"));
        assertThat(one.told()).allMatch(told -> told.text("run_id").equals(run));
        known = one.lastId();
      }
      try (EventReader last = EventReader.of(http, caravan.port(), "")) {
        assertThat(daemon.terminate(Duration.ofSeconds(10))).isZero();
        Awaitility.await("the last words")
            .atMost(Duration.ofSeconds(10))
            .until(() -> last.comments().contains(": Caravan is stopping"));
      }
    }
    try (CaravanProcess daemon = caravan.start()) {
      daemon.sync("{}");
      try (EventReader back =
          EventReader.of(http, caravan.port(), "", "Last-Event-ID", Long.toString(known))) {
        back.await("the new process's run", told -> told.text("state").equals("succeeded"));
        assertThat(back.comments()).anyMatch(comment -> comment.startsWith(": lost"));
        assertThat(back.told().get(0).id()).isGreaterThan(known + 1);
      }
    }
  }

  @Test
  void manyListenersAreAllToldAndLeaveNothingBehind() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    try (CaravanProcess daemon = caravan.start()) {
      daemon.sync("{}");
      long before = openFiles(daemon);
      List<EventReader> readers = new ArrayList<>();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      int files = 0;
      for (int i = 0; i < LISTENERS; i++) {
        readers.add(EventReader.of(http, caravan.port(), ""));
      }
      do {
        Trees.many(caravan.store().resolve("round-" + files), 500, 100, files);
        files += 500;
        assertThat(daemon.sync("{}").json().at("/state").asText()).isEqualTo("succeeded");
      } while (System.nanoTime() < deadline);
      for (EventReader reader : readers) {
        int expected = files;
        Awaitility.await("all files")
            .atMost(Duration.ofSeconds(30))
            .until(() -> reader.files().size() == expected);
        assertThat(ids(reader)).isEqualTo(ids(readers.get(0)));
      }
      readers.forEach(EventReader::close);
      daemon.await(
          "/observe/metrics",
          Duration.ofSeconds(20),
          answer -> answer.body().contains("caravan_event_clients 0.0"));
      assertThat(daemon.get("/observe/metrics").body())
          .contains("caravan_event_clients_dropped_total 0.0");
      Awaitility.await("closed lines")
          .atMost(Duration.ofSeconds(20))
          .until(() -> openFiles(daemon) <= before + 20);
    }
  }

  private static long openFiles(CaravanProcess daemon) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
      return open.count();
    }
  }

  private CaravanSetup hooked(String steps) throws IOException {
    Files.createDirectories(folder.resolve("config/routes"));
    String route =
        """
        - route:
            id: my-events
            description: Every event, for this test
            from:
              uri: direct:on-event
              steps:
        """;
    Files.writeString(folder.resolve("config/routes/my-events.camel.yaml"), route + steps);
    return CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
  }

  @Test
  void aHookIsHandedEveryEvent() throws Exception {
    CaravanSetup caravan =
        hooked(
            """
                    - setBody:
                        expression:
                          simple:
                            expression: "KIND ${body[path]} ${body[state]}"
                    - to:
                        uri: file:OUT
                        parameters:
                          fileName: "events.txt"
                          fileExist: "Append"
                          appendChars: '\\n'
            """
                .replace("KIND", "${header.CamelCaravanEvent}")
                .replace("OUT", folder.resolve("out").toString()));
    Trees.many(caravan.store(), 50, 100, 1);
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    List<String> lines = Files.readAllLines(folder.resolve("out/events.txt"));
    assertThat(lines.stream().filter(line -> line.startsWith("file d"))).hasSize(50);
    assertThat(lines).contains("status  queued", "status  running").endsWith("status  succeeded");
  }

  @Test
  void aHookThatFailsCostsEventsAndNoTransfer() throws Exception {
    CaravanSetup caravan =
        hooked(
            """
                    - throwException:
                        exceptionType: java.lang.IllegalStateException
                        message: "it does not work"
            """);
    Trees.many(caravan.store(), 300, 100, 1);
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(daemon.sync("{}").json().at("/state").asText()).isEqualTo("succeeded");
      daemon.await(
          "/observe/metrics",
          Duration.ofSeconds(20),
          answer -> answer.body().matches("(?s).*hook_events_dropped_total 3\\d\\d\\.0.*"));
      assertThat(daemon.err()).contains("direct:on-event has failed 10 times in a row");
    }
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }
}
