# SPDX-License-Identifier: MIT
import pytest

# Everything that waits for minutes waits for seconds here.
QUICK = {
    "minimal_backoff_time": "1s",
    "maximal_backoff_time": "2s",
    "queue_run_delay": "1s",
}

TRANSPORTS = ("inline:{ "
              "{ error.example = error:5.1.1 nobody lives here }, "
              "{ retry.example = retry:4.7.1 come back later }, "
              "{ discard.example = discard:thrown away }, "
              "{ missing.example = missing:somewhere } }")


@pytest.fixture
def relay_to(make_instance):
    """An instance in a hurry whose relayhost is the server at the port."""
    def make(port, start=True, **parameters):
        return make_instance(start=start, parameters={
            **QUICK,
            "relayhost": f"[127.0.0.1]:{port}",
            "transport_maps": TRANSPORTS,
            # What goes to error: gets as far as the queue.
            "smtpd_reject_unlisted_recipient": "no",
            **parameters})
    return make
