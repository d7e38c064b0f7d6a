"""A fleet of Celery workers on a real RabbitMQ and a real PostgreSQL."""
