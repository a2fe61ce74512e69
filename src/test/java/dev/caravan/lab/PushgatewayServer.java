package dev.caravan.lab;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** The Pushgateway of the distribution, with nothing in it. */
public final class PushgatewayServer implements AutoCloseable {

  private final Served served;

  private PushgatewayServer(Served served) {
    this.served = served;
  }

  /**
   * @param folder for its log
   */
  public static PushgatewayServer start(Path folder) throws IOException {
    int port = Ports.free();
    List<String> command =
        List.of(
            "prometheus-pushgateway",
            "--web.listen-address=127.0.0.1:" + port,
            "--persistence.file=",
            "--web.enable-admin-api");
    return new PushgatewayServer(
        Served.start(folder.resolve("pushgateway.log"), port, "/-/ready", command));
  }

  public URI address() {
    return served.at("");
  }

  /** What Prometheus would read. */
  public String metrics() {
    return served.get("/metrics").body();
  }

  @Override
  public void close() {
    served.close();
  }
}
