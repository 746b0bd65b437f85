// SPDX-License-Identifier: BSD-3-Clause
//
// A training as one safetensors file: parameters (named as by save(model, …), so load(model, …) reads a
// checkpoint too), the optimizer's moments, step and epoch counters, learning rate, and, if written
// during a fit, the place in the epoch, history and callbacks. Random numbers are functions of seed and
// counters, so that is their state. Files are written beside the target, synced and renamed.
#pragma once

#include <xrnn/errors.hpp>
#include <xrnn/io/model_file.hpp>
#include <xrnn/models/signature.hpp>
#include <xrnn/training/callbacks.hpp>
#include <xrnn/training/trainer.hpp>

namespace xrnn {
namespace io::detail {

/// A trainer's description: what must be equal where a checkpoint is loaded.
template <class Trainer>
std::map<std::string, std::string> description(Trainer& trainer) {
    return {{"signature", signature(trainer.model())}, {"trainer", trainer.signature()}};
}

inline std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= text.size();) {
        std::size_t const end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// Lines in which two descriptions differ; empty when they do not.
inline std::string differences(std::string const& mine, std::string const& saved) {
    auto const a = lines_of(mine), b = lines_of(saved);
    std::string found;
    for (std::size_t k = 0; k < std::max(a.size(), b.size()); ++k) {
        std::string const here = k < a.size() ? a[k] : "nothing",
                          there = k < b.size() ? b[k] : "nothing";
        if (here != there)
            found += messages::text({"\n  here: ", here, "; in the file: ", there});
    }
    return found;
}

template <class Trainer>
void save_checkpoint(Trainer& trainer, saved_values const& state,
                     std::filesystem::path const& path) {
    using T = typename Trainer::T;
    safetensors::file file = to_file(trainer.model());
    file.metadata["checkpoint"] = "1";
    for (auto const& [key, text] : description(trainer))
        file.metadata[key] = text;
    for (auto const& [name, values] : state)
        file.tensors.push_back(safetensors::make_tensor(std::string(training_prefix) + name,
                                                        {values.size()}, std::span(values)));
    trainer.buffers(
        trainer.model().count_params(), [&](std::string const& name, std::span<T> values) {
            file.tensors.push_back(safetensors::make_tensor(
                std::string(training_prefix) + name, {values.size()}, std::span<T const>(values)));
        });
    safetensors::write(path, file);
}

/// The numbers in a checkpoint, by name.
inline saved_values state_in(safetensors::file const& file) {
    saved_values values;
    for (safetensors::tensor const& t : file.tensors)
        for (std::string_view const part : {"trainer.", "run.", "options.", "callback_"})
            if (t.name.starts_with(std::string(training_prefix) + std::string(part)))
                values.at_or_add(t.name.substr(training_prefix.size())) =
                    safetensors::values_of<double>(t);
    return values;
}

/// resume: the next fit goes on with the one that was saved.
template <class Trainer>
void load_checkpoint(Trainer& trainer, std::filesystem::path const& path, bool resume) {
    using T = typename Trainer::T;
    safetensors::file const file = safetensors::read(path);
    std::string const where = messages::text({"load: '", path.string(), "' "});
    if (!file.metadata.contains("checkpoint"))
        throw format_error(where + "holds a model and no training; load it into the model, or save "
                                   "the trainer");
    std::size_t const features = check_model(file, trainer.model(), false, path);
    auto const mine = description(trainer);
    std::string found;
    for (auto const& [key, text] : mine)
        if (key != "signature" || trainer.model().built())
            found += differences(text, file.metadata.contains(key) ? file.metadata.at(key) : "");
    if (!found.empty())
        throw format_error(messages::text({where, "is of another training:", found}));
    std::size_t parameters = 0;
    for (auto const& p :
         trainer.model().parameters_for(features == 0 ? trainer.model().features() : features))
        parameters += file.find(p.name)->data.size() / sizeof(T);

    saved_values const before = trainer.state();
    try {
        trainer.restore(state_in(file), resume);
        trainer.buffers(parameters, [&](std::string const& name, std::span<T> values) {
            auto const* const t = file.find(std::string(training_prefix) + name);
            if (t == nullptr || t->type != safetensors::dtype_of<T>() ||
                t->data.size() != values.size_bytes())
                throw format_error(messages::text(
                    {where, "lacks ", training_prefix, name, ", ", values.size(), " numbers"}));
        });
    } catch (...) {
        trainer.restore(before, false);
        throw;
    }
    commit(file, trainer.model(), features);
    trainer.buffers(parameters, [&](std::string const& name, std::span<T> values) {
        auto const& t = *file.find(std::string(training_prefix) + name);
        safetensors::detail::copy_little_endian(
            t.data.data(), std::as_writable_bytes(values).data(), t.data.size(), sizeof(T));
    });
}

/// "{epoch:02d}-{val_loss:.2f}" with the values put in. Throws value_error for a name that is not
/// there, or another format.
inline std::string filled_in(std::string const& pattern, logs const& values) {
    std::string result;
    for (std::size_t at = 0; at < pattern.size();) {
        std::size_t const open = pattern.find('{', at), close = pattern.find('}', open);
        if (open == std::string::npos || close == std::string::npos)
            return result + pattern.substr(at);
        std::string const field = pattern.substr(open + 1, close - open - 1);
        std::size_t const colon = std::min(field.find(':'), field.size());
        std::string const format = colon < field.size() ? field.substr(colon + 1) : "";
        double const value = values[field.substr(0, colon)];
        char text[64];
        int precision = 6;
        if (format.empty() || format.back() == 'd') {
            int const width = format.size() > 1 ? std::stoi(format) : 0;
            std::snprintf(text, sizeof text, "%0*.0f", width, value);
        } else if (std::sscanf(format.c_str(), ".%df", &precision) == 1 && precision < 18)
            std::snprintf(text, sizeof text, "%.*f", precision, value);
        else
            throw value_error(messages::text({"model_checkpoint: \"{", field,
                                              "}\" is no format; there are {name}, "
                                              "{name:03d} and {name:.2f}"}));
        result += pattern.substr(at, open - at) + text;
        at = close + 1;
    }
    return result;
}

inline void make_folder_for(std::filesystem::path const& path) {
    std::error_code reason;
    if (path.has_parent_path())
        std::filesystem::create_directories(path.parent_path(), reason);
    if (reason)
        fail("make the folder of", path, reason);
}

} // namespace io::detail

/// Saves a trainer and its model to `path`. Throws value_error when the model is not built or a weight
/// is not finite, io_error when the system refuses.
template <class Model, class... Rest>
void save(trainer<Model, Rest...>& trainer, std::filesystem::path const& path) {
    io::detail::save_checkpoint(trainer, trainer.state(), path);
}

/// Loads it back: a further fit goes on from there, to the bit. Throws io_error; format_error that lists
/// all differences when the file is of another model, optimizer or loss; trainer and model are then as they were.
template <class Model, class... Rest>
void load(trainer<Model, Rest...>& trainer, std::filesystem::path const& path) {
    io::detail::load_checkpoint(trainer, path, false);
}

/// Goes on with the fit during which the checkpoint at `path` was written: same data, options and
/// callbacks. It ends, bit for bit, where that fit would have ended.
struct resume_from {
    static constexpr bool checkpoints = true;
    std::filesystem::path path;

    void on_train_begin(auto& run) { io::detail::load_checkpoint(run.trainer(), path, true); }
};

/// Writes a checkpoint after each epoch, or every `save_freq` batches, and begins with going on from it
/// where there is one: a program that was killed is run again as it is. The file is removed at the end
/// of the training. Source: Keras's BackupAndRestore.
struct backup_and_restore {
    static constexpr bool checkpoints = true;
    std::filesystem::path path;
    std::size_t save_freq = 0; // batches; 0: after each epoch
    bool delete_checkpoint = true;

    void on_train_begin(auto& run) {
        if (std::filesystem::exists(path))
            io::detail::load_checkpoint(run.trainer(), path, true);
        else if (run.first())
            io::detail::make_folder_for(path);
    }
    void on_train_batch_complete(auto& run, std::size_t) {
        if (save_freq != 0 && run.batches_seen() % save_freq == 0)
            write(run);
    }
    void on_epoch_complete(auto& run, std::size_t, logs const&) {
        if (save_freq == 0)
            write(run);
    }
    void on_train_end(auto& run) {
        std::error_code ignored;
        if (delete_checkpoint && run.first())
            std::filesystem::remove(path, ignored);
    }

  private:
    void write(auto& run) const {
        if (run.first())
            io::detail::save_checkpoint(run.trainer(), run.state(), path);
    }
};

/// Saves a checkpoint after each epoch, or every `save_freq` batches; with save_best_only when the
/// monitored value is better than ever; with save_weights_only the model alone, as save(model, path)
/// does. filepath may hold "{epoch:02d}" (from 1), "{batch}" and logged values, "{val_loss:.2f}"; missing
/// folders are made. Source: Keras's ModelCheckpoint.
struct model_checkpoint {
    static constexpr bool checkpoints = true;
    std::string filepath;
    std::string monitor = "val_loss";
    int verbose = 0;
    bool save_best_only = false;
    bool save_weights_only = false;
    std::string mode = "auto";
    std::size_t save_freq = 0; // batches; 0: after each epoch
    std::optional<double> initial_value_threshold = {};

    // what it has found out
    double best = 0;
    int direction = 0;

    void on_train_begin(auto& run) {
        if (!save_best_only)
            return;
        direction = callback_detail::direction_of(run, monitor, mode, "model_checkpoint");
        best = initial_value_threshold.value_or(callback_detail::worst_of(direction));
    }
    void on_train_batch_complete(auto& run, std::size_t batch) {
        if (save_freq == 0 || run.batches_seen() % save_freq != 0)
            return;
        logs values = run.means();
        values.at_or_add("batch") = static_cast<double>(batch + 1);
        write(run, run.epoch(), std::move(values));
    }
    void on_epoch_complete(auto& run, std::size_t epoch, logs const& values) {
        if (save_freq == 0)
            write(run, epoch, values);
    }
    void archive(auto& a) { a("best", best); }

  private:
    void write(auto& run, std::size_t epoch, logs values) {
        if (save_best_only) {
            auto const current = callback_detail::monitored(values, monitor, "model_checkpoint");
            if (current && !(direction < 0 ? *current < best : *current > best)) {
                if (verbose > 0 && run.first())
                    std::printf("\nEpoch %zu: %s did not improve from %.5f\n", epoch + 1,
                                monitor.c_str(), best);
                return;
            }
            if (current)
                best = *current;
        }
        if (!run.first())
            return;
        values.at_or_add("epoch") = static_cast<double>(epoch + 1);
        std::filesystem::path const path = io::detail::filled_in(filepath, values);
        if (verbose > 0)
            std::printf("\nEpoch %zu: saving model to %s\n", epoch + 1, path.string().c_str());
        io::detail::make_folder_for(path);
        if (save_weights_only)
            save(run.model(), path);
        else
            io::detail::save_checkpoint(run.trainer(), run.state(), path);
    }
};

} // namespace xrnn
