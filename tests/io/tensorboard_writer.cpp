// SPDX-License-Identifier: BSD-3-Clause
//
// Writes an event file into the folder that it is given, and prints what an independent reader must
// find there: a line "SECONDS STEP VALUE TAG" for each value, the numbers in hexadecimal (%a).
#include <xrnn/io/event_file.hpp>

#include <cstdio>
#include <limits>
#include <vector>

int main(int count, char** arguments) {
    if (count != 2) {
        return 2;
    }
    std::vector<xrnn::io::scalar_event> const events = {
        {1.7e9 + 0.015625, 0, "epoch_loss", 0.693},
        {1.7e9 + 1.1, 1, "epoch_loss", 1e-30},
        {1.7e9 + 1.2, 1, "epoch_accuracy", 0},
        {0.1, 127, "batch_loss", -3.5},
        {0.1, 128, "batch_loss", 3.4e38},
        {0.1, std::numeric_limits<std::int64_t>::max(), "t",
         std::numeric_limits<double>::infinity()},
        {0.1, std::numeric_limits<std::int64_t>::min(), "t", 16777216},
        {0.1, -1, std::string(200, 'x'), 1.0 / 3}};
    xrnn::io::event_writer writer(arguments[1]);
    for (auto const& event : events) {
        writer.write(event);
        std::printf("%a %lld %a %s\n", event.wall_time, static_cast<long long>(event.step),
                    static_cast<double>(static_cast<float>(event.value)), event.tag.c_str());
    }
    writer.flush();
}
